package dev.holdfast.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** PostgreSQL for root. As a normal user there is nothing to choose, and every other test shows that it works. */
class AccountTest {
    private static final int NOBODY = 65534;

    @TempDir
    private Path directory;

    @Test
    void asRootRunsInANamespaceOnAPrivateDirectory() throws Exception {
        assumeRootAnd("unshare");
        Path parent = privateDirectory();
        Path data = parent.resolve("postgres");
        runs(data, Account.choose(Binaries.home(), parent, List.of(Account.sameUserInNamespace())));
        assertThat(Files.getAttribute(data, "unix:uid")).isEqualTo(0);
    }

    @Test
    void asRootWithoutNamespacesBecomesNobodyAndStillReachesAPrivateDirectory() throws Exception {
        assumeRootAnd("setpriv");
        Path parent = privateDirectory();
        Path data = parent.resolve("postgres");
        Account nobody = Account.choose(Binaries.home(), parent, List.of(Account.becoming(NOBODY, NOBODY, true)));
        runs(data, nobody);
        assertThat(Files.getAttribute(data, "unix:uid")).isEqualTo(NOBODY);
        assertThat(Account.choose(Binaries.home(), data)).isEqualTo(nobody);
        runs(data, nobody);
    }

    @Test
    void saysWhatWasTriedWhenNothingWorks() throws Exception {
        assumeRootAnd("setpriv");
        List<Account> candidates =
                List.of(new Account(List.of("no-such-program"), -1, -1), Account.becoming(NOBODY, NOBODY, false));
        Path data = privateDirectory().resolve("postgres");
        assertThatThrownBy(() -> Account.choose(Binaries.home(), data, candidates))
                .hasMessageContaining("Start Holdfast as a normal user")
                .hasMessageContaining("no-such-program")
                .hasMessageContaining("setpriv: ");
    }

    private Path privateDirectory() throws IOException {
        return Files.createDirectory(
                directory.resolve("private"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    private static void runs(Path data, Account account) throws Exception {
        Cluster cluster = new Cluster(data, Binaries.home(), account);
        cluster.start();
        try (Connection connection = cluster.connect(Cluster.MAINTENANCE_DATABASE);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SHOW fsync")) {
            assertThat(result.next()).isTrue();
            assertThat(result.getString(1)).isEqualTo("on");
        } finally {
            cluster.stop();
        }
    }

    private static void assumeRootAnd(String program) {
        assumeTrue(Account.isRoot(), "not root");
        assumeTrue(
                Processes.run(
                                Path.of("/"),
                                List.of("/bin/sh", "-c", "command -v " + program),
                                java.time.Duration.ofSeconds(10))
                        .ok(),
                "no " + program);
    }
}
