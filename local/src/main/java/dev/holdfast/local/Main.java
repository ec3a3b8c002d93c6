package dev.holdfast.local;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The local PostgreSQL on the command line, for the launcher: a database around another command. */
public final class Main {
    private static final String USAGE = """
            usage: exec [--data DIR] -- COMMAND [ARGUMENT…]   run a command with a PostgreSQL of its own
                   stop [--data DIR]                          stop the PostgreSQL that a killed Holdfast left

            exec sets HOLDFAST_DATABASE_URL, _USER and _PASSWORD for the command and ends with its exit code. The database is
            temporary, or with --data the one below DIR (stop: .holdfast). If HOLDFAST_DATABASE_URL is set already, the
            command gets that one.""";

    private static final int EXIT_FAILURE = 1;
    private static final int EXIT_USAGE = 2;
    private static final String URL = "HOLDFAST_DATABASE_URL";

    /** As long as ./holdfast down gives a server to drain. */
    private static final Duration COMMAND_STOP_MAX = Duration.ofSeconds(30);

    private Main() {}

    public static void main(String[] arguments) {
        int exit;
        try {
            exit = run(List.of(arguments));
        } catch (UsageException e) {
            System.err.println(e.getMessage() + "\n\n" + USAGE);
            exit = EXIT_USAGE;
        } catch (IOException | RuntimeException e) {
            System.err.println("holdfast: " + e.getMessage() + (e.getCause() == null ? "" : " (" + e.getCause() + ")"));
            exit = EXIT_FAILURE;
        } catch (InterruptedException e) {
            exit = EXIT_FAILURE;
        }
        System.exit(exit);
    }

    private static int run(List<String> arguments) throws UsageException, IOException, InterruptedException {
        if (arguments.isEmpty()) {
            throw new UsageException("no command");
        }
        List<String> rest = arguments.subList(1, arguments.size());
        Path data = null;
        if (!rest.isEmpty() && rest.getFirst().equals("--data")) {
            if (rest.size() < 2) {
                throw new UsageException("--data needs a directory");
            }
            data = Path.of(rest.get(1));
            rest = rest.subList(2, rest.size());
        }
        return switch (arguments.getFirst()) {
            case "exec" -> exec(data, rest);
            case "stop" -> stop(data == null ? Path.of(".holdfast") : data, rest);
            default -> throw new UsageException("unknown command " + arguments.getFirst());
        };
    }

    private static int exec(@Nullable Path data, List<String> rest)
            throws UsageException, IOException, InterruptedException {
        if (rest.size() < 2 || !rest.getFirst().equals("--")) {
            throw new UsageException("exec needs -- and a command");
        }
        ProcessBuilder command = new ProcessBuilder(rest.subList(1, rest.size())).inheritIO();
        String external = System.getenv(URL);
        if (external != null && !external.isBlank()) {
            return command.start().waitFor();
        }
        try (LocalPostgres postgres = data == null
                ? LocalPostgres.startTemporaryWithoutHook()
                : LocalPostgres.start(data.resolve("postgres"))) {
            command.environment()
                    .putAll(Map.of(
                            URL,
                            postgres.jdbcUrl(),
                            "HOLDFAST_DATABASE_USER",
                            postgres.user(),
                            "HOLDFAST_DATABASE_PASSWORD",
                            postgres.password()));
            Process process = command.start();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> end(process, postgres), "stop"));
            return process.waitFor();
        }
    }

    /** On a signal: the command first, so that it can finish with its database, then PostgreSQL. */
    private static void end(Process process, LocalPostgres postgres) {
        process.destroy();
        try {
            if (!process.waitFor(COMMAND_STOP_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
        }
        postgres.close();
    }

    private static int stop(Path data, List<String> rest) throws UsageException, IOException {
        if (!rest.isEmpty()) {
            throw new UsageException("unknown argument " + rest.getFirst());
        }
        if (LocalPostgres.stopOrphan(data.resolve("postgres"))) {
            System.out.println("Stopped the PostgreSQL that was left running in " + data);
        }
        return 0;
    }

    private static final class UsageException extends Exception {
        private static final long serialVersionUID = 1L;

        UsageException(String message) {
            super(message);
        }
    }
}
