package dev.holdfast.bench;

import dev.holdfast.local.LocalPostgres;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/** That the comparisons run and their books balance; how fast is nothing for a test. */
class BenchTest {
    @SuppressWarnings("NullAway.Init")
    private static LocalPostgres postgres;

    private static int databases;
    private String database = "";

    @BeforeAll
    static void start() {
        postgres = LocalPostgres.startTemporary();
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    @BeforeEach
    void emptyDatabase() {
        database = "bench_" + ++databases;
        postgres.createDatabase(database);
    }

    @Test
    void every_write_path_places_holds() {
        var report =
                run("--json", "--callers", "8", "--skus", "5", "--rounds", "1", "--seconds", "0.3", "--warm-up", "0.2");
        assertThat(report.path("rows").values())
                .hasSize(8)
                .allSatisfy(row -> assertThat(row.path("holdsPerSecond").asDouble())
                        .as(row.path("path").asString())
                        .isPositive());
        assertThat(report.path("broken").isEmpty()).isTrue();
    }

    @Test
    void both_endpoints_answer() {
        var report = run("http", "--json", "--callers", "4", "--rounds", "1", "--seconds", "0.3", "--warm-up", "0.2");
        assertThat(report.path("rows").values())
                .hasSize(2)
                .allSatisfy(row -> assertThat(row.path("requestsPerSecond").asDouble())
                        .as(row.path("endpoint").asString())
                        .isPositive());
        assertThat(report.path("ratio").asDouble()).isPositive();
        assertThat(report.path("broken").isEmpty()).isTrue();
    }

    @Test
    void wrong_use_is_told_apart() {
        assertThat(Bench.run("--callers", "many")).isEqualTo(2);
        assertThat(Bench.run("--database-url", "jdbc:postgresql://127.0.0.1:1/none"))
                .isEqualTo(1);
    }

    private JsonNode run(String... arguments) {
        var all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of(
                "--database-url",
                postgres.jdbcUrl(database),
                "--database-user",
                postgres.user(),
                "--database-password",
                postgres.password()));
        var before = System.out;
        var out = new ByteArrayOutputStream();
        try (var captured = new PrintStream(out, true, StandardCharsets.UTF_8)) {
            System.setOut(captured);
            assertThat(Bench.run(all.toArray(String[]::new))).isZero();
        } finally {
            System.setOut(before);
        }
        return JsonMapper.shared().readTree(out.toByteArray());
    }
}
