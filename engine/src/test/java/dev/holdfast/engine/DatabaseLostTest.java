package dev.holdfast.engine;

import dev.holdfast.local.LocalPostgres;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The database dies, restarts and cuts connections in the middle of the work: never a lost yes, never a double. */
@ParameterizedClass
@EnumSource(Path.class)
class DatabaseLostTest {
    /** No patience, so that callers see failures too, however fast the restart. */
    private static final StockEngine.Options IMPATIENT = StockEngine.Options.DEFAULT.withDatabaseWait(Duration.ZERO);

    private static final StockEngine.Options PATIENT =
            StockEngine.Options.DEFAULT.withDatabaseWait(Duration.ofSeconds(60));

    /** Of this class alone, for it is killed here; a database for each test. */
    private static final LocalPostgres SERVER = LocalPostgres.startTemporary();

    private final Path path;

    DatabaseLostTest(Path path) {
        this.path = path;
    }

    @BeforeEach
    void whateverTheLastTestLeft() {
        SERVER.startIfGone();
    }

    @AfterAll
    static void close() {
        SERVER.close();
    }

    @Test
    void nothingIsLostOrDoubledWhenTheDatabaseIsKilled() {
        var database = TestDatabase.createEmpty(SERVER);
        try (var impatient = database.open(path, IMPATIENT);
                var patient = database.open(path, PATIENT)) {
            var storm = new Storm(impatient, patient);
            storm.during(() -> {
                SERVER.kill();
                SERVER.startAgain();
                storm.awaitHolds(storm.holds() + 200);
                SERVER.kill();
                SERVER.startAgain();
            });
            assertThat(storm.failures).hasPositiveValue();
            storm.assertNothingLostAndNothingDoubled(database);
        }
    }

    @Test
    void nothingIsLostOrDoubledWhenTheDatabaseRestarts() {
        var database = TestDatabase.createEmpty(SERVER);
        try (var engine = database.open(path, PATIENT)) {
            var storm = new Storm(engine);
            storm.during(() -> {
                stop(database);
                SERVER.startAgain();
            });
            assertThat(storm.failures)
                    .as("who waits long enough sees no failure")
                    .hasValue(0);
            storm.assertNothingLostAndNothingDoubled(database);
        }
    }

    /** Fast shutdown, as an administrator would: sessions are ended, then everything is written. */
    private static void stop(TestDatabase database) {
        long backend = database.number("SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'");
        var postmaster = ProcessHandle.of(backend).orElseThrow().parent().orElseThrow();
        try {
            new ProcessBuilder("kill", "-INT", String.valueOf(postmaster.pid()))
                    .start()
                    .waitFor();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> !postmaster.isAlive());
    }

    @Test
    void nothingIsLostOrDoubledWhenConnectionsAreCutAgainAndAgain() {
        var database = TestDatabase.create();
        try (var engine = database.open(path, PATIENT)) {
            var storm = new Storm(engine);
            storm.during(() -> {
                for (int i = 0; i < 20; i++) {
                    storm.awaitHolds(storm.holds() + 20);
                    database.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                            + " WHERE datname = current_database() AND pid <> pg_backend_pid()");
                }
            });
            assertThat(storm.failures).hasValue(0);
            storm.assertNothingLostAndNothingDoubled(database);
        }
    }

    @Test
    void aDatabaseThatStaysAwayIsUnavailableAndComesBackToTheSameEngine() throws Exception {
        var database = TestDatabase.createEmpty(SERVER);
        try (var engine = database.open(path, IMPATIENT)) {
            var shop = new Shop(database, engine);
            shop.receive("A", 2);
            shop.place(60, Line.of("A", 1));
            SERVER.kill();
            var placing = Shop.placing(60, Line.of("A", 1));
            try {
                assertThatThrownBy(() -> engine.submit(placing).get(30, TimeUnit.SECONDS))
                        .hasCauseInstanceOf(EngineFailure.Unavailable.class);
                assertThatThrownBy(() -> engine.execute(placing)).isInstanceOf(EngineFailure.Unavailable.class);
                assertThatThrownBy(() -> engine.levels(new Sku("A"))).isInstanceOf(EngineFailure.Unavailable.class);
                assertThatThrownBy(engine::invariants).isInstanceOf(EngineFailure.Unavailable.class);
            } finally {
                SERVER.startAgain();
            }
            assertThat(engine.execute(placing)).isInstanceOf(Outcome.Placed.class);
            shop.assertLevel("A", 2, 2, 0);
            TestDatabase.assertBooksAreRight(engine);
        }
    }
}
