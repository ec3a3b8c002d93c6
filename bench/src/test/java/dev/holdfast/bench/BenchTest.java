package dev.holdfast.bench;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Line;
import dev.holdfast.local.LocalPostgres;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

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
    void all_endpoints_answer() {
        var report = run("http", "--json", "--callers", "4", "--rounds", "1", "--seconds", "0.3", "--warm-up", "0.2");
        assertThat(report.path("rows").values())
                .hasSize(3)
                .allSatisfy(row -> assertThat(row.path("requestsPerSecond").asDouble())
                        .as(row.path("endpoint").asString())
                        .isPositive());
        assertThat(report.path("ratio").asDouble()).isPositive();
        assertThat(report.path("ratioToBefore").asDouble()).isPositive();
        assertThat(report.path("broken").isEmpty()).isTrue();
    }

    /** 120 products are three pages of 50, the last one short. */
    @Test
    void what_people_look_at_is_answered() {
        var report = run(
                "reads",
                "--json",
                "--products",
                "120",
                "--skus",
                "2",
                "--callers",
                "4",
                "--rounds",
                "1",
                "--seconds",
                "0.3",
                "--warm-up",
                "0.2",
                "--rate",
                "100");
        assertThat(report.path("skus").asInt()).isEqualTo(240);
        assertThat(report.path("closed").values())
                .hasSize(7)
                .allSatisfy(row -> assertThat(row.path("ofNoop").asDouble())
                        .as(row.path("endpoint").asString())
                        .isPositive());
        assertThat(report.path("open").values())
                .hasSize(6)
                .allSatisfy(row -> assertThat(row.path("answersPerSecond").asDouble())
                        .as(row.path("endpoint").asString())
                        .isPositive());
        assertThat(report.path("broken").isEmpty()).isTrue();
    }

    @Test
    void checkouts_come_to_paid_orders() {
        var report =
                run("checkout", "--json", "--callers", "4", "--rounds", "1", "--seconds", "0.3", "--warm-up", "0.2");
        assertThat(report.path("rows").values())
                .hasSize(3)
                .allSatisfy(row -> assertThat(row.path("requestsPerSecond").asDouble())
                        .as(row.toString())
                        .isPositive());
    }

    @Test
    void everybody_is_refused_with_the_gate_and_without() {
        var report = run(
                "gate",
                "--json",
                "--callers",
                "4",
                "--rounds",
                "1",
                "--seconds",
                "0.3",
                "--warm-up",
                "0.2",
                "--returns",
                "20");
        assertThat(report.path("rows").values())
                .hasSize(3)
                .allSatisfy(row -> assertThat(row.path("requestsPerSecond").asDouble())
                        .as(row.path("endpoint").asString())
                        .isPositive());
        assertThat(report.path("returns").values())
                .hasSize(2)
                .allSatisfy(row -> assertThat(row.path("refused").asInt())
                        .as("who asks after a release is told no")
                        .isZero());
        assertThat(report.path("broken").isEmpty()).isTrue();
    }

    /** In this JVM, for some ms: that the table fills, not what it says. */
    @Test
    void a_microbenchmark_runs() {
        var out = captured("micro", "Decider.*refused", "-f", "0", "-wi", "0", "-i", "1", "-r", "5ms");
        assertThat(out).containsPattern("Decider\\.refused +1 +[0-9.,]+ +ns/op +[0-9.,]+");
        assertThat(Bench.run("micro", "NoSuchBenchmark")).isEqualTo(2);
        assertThat(Bench.run("micro", "-f", "many")).isEqualTo(2);
    }

    @Test
    void the_unsafe_path_oversells_and_no_other(@TempDir Path directory) throws Exception {
        var report = run(
                "compare",
                "--json",
                "--callers",
                "16",
                "--seconds",
                "0.2",
                "--warm-up",
                "0.1",
                "--arrival-rate",
                "300",
                "--report",
                directory.toString());
        var cells = report.path("cells").values();
        int paths = report.path("paths").size();
        int carts = (int) Contenders.ALL.stream()
                .filter(entry -> entry.carts() && !entry.needsRedis())
                .count();
        assertThat(cells).hasSize(4 * paths + carts).allSatisfy(cell -> {
            assertThat(cell.path("answersPerSecond").asDouble())
                    .as(cell.toString())
                    .isPositive();
            if (!cell.path("path").asString().equals("unsafe")) {
                assertThat(cell.path("problems").isEmpty()).as(cell.toString()).isTrue();
                assertThat(cell.path("oversold").asLong()).isZero();
                assertThat(cell.path("unbooked").asLong()).isZero();
            }
        });
        assertThat(report.path("openLoop").values()).hasSize(paths);
        assertThat(report.path("verdict").path("controlOversold").asLong()).isPositive();
        assertThat(cells)
                .filteredOn(cell -> cell.path("scenario").asString().equals("sold-out")
                        && !cell.path("path").asString().equals("unsafe"))
                .allSatisfy(cell -> assertThat(cell.path("booked").asLong()).isEqualTo(10));
        assertThat(JsonMapper.shared().readTree(Files.readString(directory.resolve("compare.json"))))
                .isEqualTo(report);
        assertThat(directory.resolve("compare.md")).content().contains("## Sold out", "| 16 | lane |");
        assertThat(directory.resolve("compare.html"))
                .content()
                .contains("\"answersPerSecond\"")
                .doesNotContain("/*DATA*/");
        assertThat(schemas()).isEmpty();
    }

    /** Its own check of the books says that the history is consistent; a run that broke them ends with 99. */
    @Test
    void history_grows_and_its_books_balance(@TempDir Path directory) throws Exception {
        var report = run(
                "grow",
                "--json",
                "--rows",
                "0,800,4000",
                "--skus",
                "1,7,30",
                "--callers",
                "8",
                "--seconds",
                "0.3",
                "--warm-up",
                "0.1",
                "--rounds",
                "1",
                "--report",
                directory.toString());
        var rows = report.path("rows").values();
        assertThat(rows)
                .extracting(
                        row -> row.path("axis").asString(),
                        row -> row.path("holds").asLong(),
                        row -> row.path("skus").asLong())
                .containsExactly(
                        tuple("history", 0L, 7L),
                        tuple("history", 800L, 7L),
                        tuple("history", 4_000L, 7L),
                        tuple("skus", 800L, 1L),
                        tuple("skus", 800L, 7L),
                        tuple("skus", 800L, 30L));
        assertThat(rows).allSatisfy(row -> {
            assertThat(row.path("hot").path("holdsPerSecond").asDouble()).isPositive();
            assertThat(row.path("spread").path("p99Millis").asDouble()).isPositive();
            assertThat(row.path("startMillis").asDouble()).isPositive();
        });
        assertThat(report.path("retention").values())
                .extracting(row -> row.path("removed").asString())
                .allMatch(removed -> !removed.startsWith("0 "))
                .hasSize(2);
        assertThat(report.path("problems").isEmpty()).isTrue();
        assertThat(directory.resolve("grow.md")).content().contains("| 4,000 | 7 | hot SKU |", "✓ the books balance");
        assertThat(schemas()).isEmpty();
    }

    @Test
    void wrong_use_of_grow_is_explained() {
        var nowhere = "--database-url=jdbc:postgresql://127.0.0.1:1/none";
        for (var wrong : List.of("--rows=-1", "--rows=5,1", "--skus=0", "--seconds=0", "--rounds=0", "--callers=0")) {
            assertThat(Bench.run("grow", nowhere, wrong)).as(wrong).isEqualTo(2);
        }
        assertThat(Bench.run("grow", nowhere)).isEqualTo(1);
    }

    /** The plain case of the control: 200 units of one SKU and 16 who want them. */
    @Test
    void limited_stock_of_a_hot_sku_is_oversold_by_the_unsafe_path_alone() throws Exception {
        try (var pool = pool();
                var statement = pool.getConnection().createStatement()) {
            statement.execute(Unsafe.TABLES);
            statement.execute("INSERT INTO unsafe_stock VALUES ('HOT', 200, 200)");
            var unsafe = new Unsafe(pool);
            var tally = Load.closed(
                    () -> unsafe.place(IdempotencyKey.randomUuidV7(), List.of(Line.of("HOT", 1))),
                    16,
                    0,
                    1,
                    Load.Probe.NONE);
            assertThat(tally.errors()).isZero();
            assertThat(Books.ofUnsafe(pool.getConnection()).oversold(tally.promised()))
                    .isPositive();
        }
    }

    @Test
    void schemas_that_a_killed_run_left_are_removed_after_a_day() throws Exception {
        var now = Instant.parse("2026-01-10T00:00:00Z");
        long old = now.minus(Duration.ofHours(25)).getEpochSecond();
        long recent = now.minus(Duration.ofHours(23)).getEpochSecond();
        try (var pool = pool();
                var connection = pool.getConnection();
                var statement = connection.createStatement()) {
            statement.execute("CREATE SCHEMA holdfast_bench_" + old + "_a");
            statement.execute("CREATE SCHEMA holdfast_bench_" + recent + "_a");
            statement.execute("CREATE SCHEMA holdfast_bench_of_somebody");
            assertThat(BenchSchema.stale(connection, now)).containsExactly("holdfast_bench_" + old + "_a");
        }
    }

    /** A path that cannot answer in time is charged for it from the moment that each request should have begun. */
    @Test
    void open_loop_latency_counts_from_the_intended_start() throws Exception {
        var busy = new Semaphore(1, true);
        Load.Ask slow = () -> {
            busy.acquire(); // one at a time, 10 ms each: 100 a second of the 1,000 that come
            Thread.sleep(10); // the service time
            busy.release();
            return true;
        };
        var arrivals = Load.open(slow, 1_000, 4, 0, 1, Load.Probe.NONE);
        assertThat(arrivals.tally().answersPerSecond()).isBetween(1.0, 110.0);
        assertThat(arrivals.unasked()).isBetween(850L, 1_000L);
        assertThat(arrivals.tally().percentileMillis(50)).isGreaterThan(300); // a closed loop would say 40
        assertThat(withOneStall().percentileMillis(70)).isGreaterThan(50); // a closed loop would show 4 slow ones
        var kept = Load.open(() -> true, 1_000, 64, 0, 0.5, Load.Probe.NONE);
        assertThat(kept.tally().promised() + kept.unasked()).isEqualTo(500); // none comes twice, none is forgotten
    }

    /** Answers at once, but for 300 ms in the middle of 600 in which nobody is answered. */
    private static Tally withOneStall() throws Exception {
        var door = new Semaphore(1);
        var calls = new AtomicInteger();
        Load.Ask stalls = () -> {
            door.acquire();
            if (calls.incrementAndGet() == 100) {
                Thread.sleep(300); // the stall
            }
            door.release();
            return true;
        };
        return Load.open(stalls, 1_000, 4, 0, 0.6, Load.Probe.NONE).tally();
    }

    @Test
    void zipf_ranks_fall_as_the_law_says() {
        var zipf = new Zipf(10_000, 1.1);
        assertThat(zipf.rank(0)).isZero();
        assertThat(zipf.rank(Math.nextDown(1.0))).isEqualTo(9_999);
        var random = new Random(1);
        var counts = new int[10_000];
        for (int i = 0; i < 1_000_000; i++) {
            counts[zipf.rank(random.nextDouble())]++;
        }
        assertThat((double) counts[0] / counts[9]).isBetween(11.5, 13.7); // 10^1.1 = 12.6
    }

    @Test
    void books_name_what_is_wrong() {
        assertThat(new Books(10, 10, 10, 10).problems(Scenario.SOLD_OUT, 10, 0)).isEmpty();
        assertThat(new Books(10, 10, 10, 10).problems(Scenario.SOLD_OUT, 9, 1)).isEmpty(); // its answer was lost
        assertThat(new Books(10, 10, 10, 10).problems(Scenario.SOLD_OUT, 9, 0)).hasSize(1);
        assertThat(new Books(10, 10, 10, 11).problems(Scenario.SOLD_OUT, 11, 0)).hasSize(2);
        assertThat(new Books(10, 11, 11, 11).problems(Scenario.SOLD_OUT, 11, 0)).hasSize(2);
        assertThat(new Books(10, 10, 9, 10).problems(Scenario.SOLD_OUT, 10, 0)).hasSize(1);
        assertThat(new Books(10, 9, 9, 9).problems(Scenario.SOLD_OUT, 9, 0)).hasSize(1);
        assertThat(new Books(99, 9, 9, 3).problems(Scenario.CARTS, 3, 0)).isEmpty();
    }

    @Test
    void wrong_use_of_compare_is_explained() {
        var nowhere = "--database-url=jdbc:postgresql://127.0.0.1:1/none"; // where right use ends with 1
        for (var wrong : List.of(
                "--paths=train",
                "--scenarios=monday",
                "--callers=0",
                "--callers=4,4",
                "--seconds=0",
                "--rounds=0",
                "--arrival-rate=0",
                "--connections=0",
                "--redis-url=http://localhost")) {
            assertThat(Bench.run("compare", nowhere, wrong)).as(wrong).isEqualTo(2);
        }
        assertThat(Bench.run("compare", "--database-url=postgres://127.0.0.1:1/none"))
                .isEqualTo(2);
        assertThat(Bench.run("compare", nowhere)).isEqualTo(1);
    }

    @Test
    void wrong_use_is_told_apart() {
        assertThat(Bench.run("--callers", "many")).isEqualTo(2);
        assertThat(Bench.run("--database-url", "jdbc:postgresql://127.0.0.1:1/none"))
                .isEqualTo(1);
    }

    private HikariDataSource pool() {
        var config = new HikariConfig();
        config.setJdbcUrl(postgres.jdbcUrl(database));
        config.setUsername(postgres.user());
        config.setPassword(postgres.password());
        return new HikariDataSource(config);
    }

    private List<String> schemas() throws SQLException {
        try (var pool = pool();
                var connection = pool.getConnection();
                var rows = connection
                        .createStatement()
                        .executeQuery(
                                "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, 'holdfast_bench')")) {
            var schemas = new ArrayList<String>();
            while (rows.next()) {
                schemas.add(rows.getString(1));
            }
            return schemas;
        }
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
        return JsonMapper.shared().readTree(captured(all.toArray(String[]::new)));
    }

    private static String captured(String... arguments) {
        var before = System.out;
        var out = new ByteArrayOutputStream();
        try (var captured = new PrintStream(out, true, StandardCharsets.UTF_8)) {
            System.setOut(captured);
            assertThat(Bench.run(arguments)).isZero();
        } finally {
            System.setOut(before);
        }
        return out.toString(StandardCharsets.UTF_8);
    }
}
