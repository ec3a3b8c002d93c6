package dev.holdfast.local;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class LocalPostgresTest {
    private static final LocalPostgres SHARED = LocalPostgres.startTemporary();

    @AfterAll
    static void stop() {
        SHARED.close();
    }

    @ParameterizedTest
    @CsvSource({
        "fsync, on",
        "synchronous_commit, on",
        "full_page_writes, on",
        "listen_addresses, 127.0.0.1",
        "unix_socket_directories, ''",
        "password_encryption, scram-sha-256",
        "server_encoding, UTF8",
        "log_timezone, UTC",
        "jit, off",
    })
    void runsWithThe(String setting, String value) throws SQLException {
        assertThat(ask(SHARED, "SHOW " + setting)).isEqualTo(value);
    }

    @Test
    void durabilityCannotBeSwitchedOffForGood(@TempDir Path directory) throws SQLException {
        try (LocalPostgres postgres = LocalPostgres.start(directory.resolve("postgres"))) {
            tell(postgres, "ALTER SYSTEM SET fsync = off");
            postgres.kill();
            postgres.startAgain();
            assertThat(ask(postgres, "SHOW fsync")).isEqualTo("on");
        }
    }

    @Test
    void letsNobodyInWithoutThePassword() {
        assertThatThrownBy(() -> DriverManager.getConnection(SHARED.jdbcUrl(), SHARED.user(), "guessed"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("password authentication failed");
    }

    @Test
    void keepsDataAndPortBetweenRuns(@TempDir Path directory) throws SQLException {
        Path data = directory.resolve("a b").resolve("postgres");
        int port;
        try (LocalPostgres first = LocalPostgres.start(data)) {
            port = first.port();
            tell(first, "CREATE TABLE kept AS SELECT 42 AS answer");
        }
        try (LocalPostgres second = LocalPostgres.start(data)) {
            assertThat(second.port()).isEqualTo(port);
            assertThat(ask(second, "SELECT answer FROM kept")).isEqualTo("42");
        }
    }

    @Test
    void recoversCommittedRowsAfterKill() throws SQLException {
        SHARED.createDatabase("crash");
        String url = SHARED.jdbcUrl("crash");
        int port = SHARED.port();
        try (Connection connection = connect(SHARED, "crash");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE committed (n int)");
            connection.setAutoCommit(false);
            statement.execute("INSERT INTO committed SELECT generate_series(1, 1000)");
            connection.commit();
            statement.execute("INSERT INTO committed SELECT generate_series(1001, 2000)");
            SHARED.kill();
            assertThatThrownBy(connection::commit).isInstanceOf(SQLException.class);
        }
        assertThatThrownBy(() -> connect(SHARED, "crash")).hasMessageContaining("refused");
        SHARED.startAgain();
        assertThat(SHARED.port()).isEqualTo(port);
        assertThat(SHARED.jdbcUrl("crash")).isEqualTo(url);
        try (Connection connection = connect(SHARED, "crash")) {
            assertThat(ask(connection, "SELECT count(*) FROM committed")).isEqualTo("1000");
        }
        SHARED.dropDatabase("crash");
    }

    @Test
    void databasesAreIsolatedAndCanBeDroppedInUse() throws SQLException {
        SHARED.createDatabase("one");
        SHARED.createDatabase("two \" words");
        try (Connection one = connect(SHARED, "one");
                Connection two = connect(SHARED, "two%20%22%20words")) {
            one.createStatement().execute("CREATE TABLE t (n int)");
            assertThat(ask(two, "SELECT count(*) FROM pg_tables WHERE tablename = 't'"))
                    .isEqualTo("0");
            SHARED.dropDatabase("one");
            SHARED.dropDatabase("one");
        }
        SHARED.dropDatabase("two \" words");
        assertThat(ask(SHARED, "SELECT count(*) FROM pg_database WHERE datname IN ('one', 'two \" words')"))
                .isEqualTo("0");
    }

    @Test
    void aDatabaseMadeLikeAnotherHasWhatIsInIt() throws SQLException {
        SHARED.createDatabase("model");
        try (Connection model = connect(SHARED, "model")) {
            model.createStatement().execute("CREATE TABLE t AS SELECT 7 AS n");
        }
        SHARED.createDatabase("copy", "model");
        try (Connection copy = connect(SHARED, "copy")) {
            assertThat(ask(copy, "SELECT n FROM t")).isEqualTo("7");
        }
        SHARED.dropDatabase("model");
        SHARED.dropDatabase("copy");
    }

    @Test
    void closeLeavesNothingOfATemporaryServer() throws SQLException {
        LocalPostgres temporary = LocalPostgres.startTemporary();
        Path data = Path.of(ask(temporary, "SHOW data_directory"));
        temporary.close();
        temporary.close();
        assertThat(data.getParent()).doesNotExist();
        assertThat(Ports.isFree(temporary.port())).isTrue();
    }

    @Test
    void secondOwnerIsRefusedAndHarmless(@TempDir Path directory) throws SQLException {
        Path data = directory.resolve("postgres");
        try (LocalPostgres first = LocalPostgres.start(data)) {
            assertThatThrownBy(() -> LocalPostgres.start(data))
                    .hasMessageContaining(
                            "in use by process " + ProcessHandle.current().pid());
            assertThat(ask(first, "SELECT 1")).isEqualTo("1");
        }
        assertThat(Files.exists(data.resolve("postmaster.pid"))).isFalse();
    }

    static String ask(LocalPostgres postgres, String query) throws SQLException {
        try (Connection connection = connect(postgres, "holdfast")) {
            return ask(connection, query);
        }
    }

    static void tell(LocalPostgres postgres, String sql) throws SQLException {
        try (Connection connection = connect(postgres, "holdfast");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    static String ask(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            assertThat(result.next()).isTrue();
            return result.getString(1);
        }
    }

    private static Connection connect(LocalPostgres postgres, String database) throws SQLException {
        return DriverManager.getConnection(postgres.jdbcUrl(database), postgres.user(), postgres.password());
    }
}
