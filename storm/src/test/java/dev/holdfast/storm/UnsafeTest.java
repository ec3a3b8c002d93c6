package dev.holdfast.storm;

import dev.holdfast.local.LocalPostgres;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.DriverManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

import static org.assertj.core.api.Assertions.assertThat;

/** The negative control on a real PostgreSQL: it oversells every time, and cleans up. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class UnsafeTest {

    @SuppressWarnings("NullAway.Init")
    private LocalPostgres postgres;

    @BeforeAll
    void start() {
        postgres = LocalPostgres.startTemporary();
    }

    @AfterAll
    void stop() {
        postgres.close();
    }

    @RepeatedTest(3)
    void read_then_write_oversells_one_unit() throws Exception {
        var out = new ByteArrayOutputStream();
        assertThat(unsafe(out, "--buyers", "2000")).isEqualTo(99);
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("✗ no unit sold twice", "OVERSOLD");
        assertThat(schemasLeft()).isZero();
    }

    @Test
    void one_buyer_at_a_time_finds_nothing_and_says_so() throws Exception {
        var out = new ByteArrayOutputStream();
        assertThat(unsafe(out, "--buyers", "50", "--connections", "1")).isEqualTo(1);
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("The negative control found nothing");
        assertThat(schemasLeft()).isZero();
    }

    @Test
    void no_database_is_explained() {
        var out = new ByteArrayOutputStream();
        var database = "jdbc:postgresql://127.0.0.1:1/none";
        assertThat(Storm.run(output(out), "--unsafe", "--database-url", database))
                .isEqualTo(1);
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("the database at " + database + " is of no use");
    }

    private int unsafe(ByteArrayOutputStream out, String... more) {
        var options = new String[] {
            "--unsafe",
            "--database-url",
            postgres.jdbcUrl(),
            "--database-user",
            postgres.user(),
            "--database-password",
            postgres.password()
        };
        var all = new String[options.length + more.length];
        System.arraycopy(options, 0, all, 0, options.length);
        System.arraycopy(more, 0, all, options.length, more.length);
        return Storm.run(output(out), all);
    }

    private static Output output(ByteArrayOutputStream both) {
        var stream = new PrintStream(both, true, StandardCharsets.UTF_8);
        return new Output(stream, stream, false);
    }

    private long schemasLeft() throws Exception {
        try (var connection = DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
                var select = connection.createStatement();
                var row = select.executeQuery(
                        "SELECT count(*) FROM information_schema.schemata WHERE schema_name LIKE 'storm_unsafe_%'")) {
            row.next();
            return row.getLong(1);
        }
    }
}
