package dev.holdfast.local;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The account PostgreSQL runs under. It refuses to run as root, so for root this is a command to put in front.
 *
 * <p>{@code unshare -U} is the first choice: inside a new user namespace root looks like nobody, to PostgreSQL too,
 * but to the kernel it is the same user, so files stay root's and 0700 directories stay reachable. Where namespaces
 * are forbidden (Docker's default profile) {@code setpriv} really becomes nobody and keeps, if it may, the one
 * capability that reaches a cache and a data directory below {@code /root}.
 *
 * @param prefix what to put in front of a program; empty for a normal user
 * @param uid what the data directory's owner has to be; -1: as it is
 */
record Account(List<String> prefix, int uid, int gid) {
    private static final int ROOT = 0;
    private static final int NOBODY = 65534;
    private static final int AS_IT_IS = -1;
    private static final Duration PROBE_MAX = Duration.ofSeconds(20);

    private static final Account SELF = new Account(List.of(), AS_IT_IS, AS_IT_IS);

    /** The first account that can run the programs and use the directory. */
    static Account choose(Path binaries, Path directory) throws IOException {
        return isRoot() ? choose(binaries, directory, forRoot(directory)) : SELF;
    }

    static Account choose(Path binaries, Path directory, List<Account> candidates) {
        List<String> failures = new ArrayList<>();
        for (Account account : candidates) {
            String failure = account.failure(binaries, directory);
            if (failure.isEmpty()) {
                return account;
            }
            failures.add(failure);
        }
        throw new IllegalStateException(
                "PostgreSQL does not run as root, and no other account can be used for " + directory
                        + ". Start Holdfast as a normal user, or set HOLDFAST_DATABASE_URL. Tried: "
                        + String.join("; ", failures));
    }

    /** For root: in order of preference. A directory that belongs to a user is left to that user. */
    private static List<Account> forRoot(Path directory) throws IOException {
        int owner = (Integer) Files.getAttribute(directory, "unix:uid");
        if (owner != ROOT) {
            int group = (Integer) Files.getAttribute(directory, "unix:gid");
            return List.of(becoming(owner, group, true), becoming(owner, group, false));
        }
        return List.of(sameUserInNamespace(), becoming(NOBODY, NOBODY, true), becoming(NOBODY, NOBODY, false));
    }

    static Account sameUserInNamespace() {
        return new Account(List.of("unshare", "-U"), AS_IT_IS, AS_IT_IS);
    }

    static Account becoming(int uid, int gid, boolean reachesEverything) {
        List<String> prefix = new ArrayList<>(List.of("setpriv", "--reuid=" + uid, "--regid=" + gid, "--clear-groups"));
        if (reachesEverything) {
            // The securebit: without it access(2), which PostgreSQL asks first, ignores the capability.
            prefix.addAll(List.of(
                    "--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--securebits=+no_setuid_fixup"));
        }
        return new Account(List.copyOf(prefix), uid, gid);
    }

    static boolean isRoot() {
        return new UnixSystem().getUid() == ROOT;
    }

    List<String> command(List<String> program) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(program);
        return command;
    }

    /** Hands a directory of ours to the account, if it is not its own already. */
    void own(Path directory) throws IOException {
        if (uid != AS_IT_IS && !Files.getAttribute(directory, "unix:uid").equals(uid)) {
            Trees.chown(directory, uid, gid);
        }
    }

    /** Why this account cannot be used; empty if it can. */
    private String failure(Path binaries, Path directory) {
        // initdb looks for all its parts before it shows its settings. The directory is handed over later, so only
        // its parents have to let the account through.
        String reach = uid == AS_IT_IS ? "test -w \"$2\"" : "test -x \"$(dirname \"$2\")\"";
        String probe =
                "\"$1\" --show --pgdata=\"$2\" || exit 1; " + reach + " || { echo \"cannot reach $2\"; exit 1; }";
        Path initdb = binaries.resolve("bin").resolve("initdb");
        try {
            Processes.Result result = Processes.run(
                    Path.of("/"),
                    command(List.of("/bin/sh", "-c", probe, "sh", initdb.toString(), directory.toString())),
                    PROBE_MAX);
            return result.ok() ? "" : prefix.getFirst() + ": " + lastLine(result.output());
        } catch (UncheckedIOException e) {
            return prefix.getFirst() + ": " + e.getMessage();
        }
    }

    private static String lastLine(String output) {
        return output.lines().reduce("it failed", (_, line) -> line);
    }
}
