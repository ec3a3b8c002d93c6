package dev.holdfast.engine;

import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.Command.ReleaseHold;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

import static org.assertj.core.api.Assertions.assertThat;

/** The gate at its bounds and when things break: then it is open, and everybody is answered all the same. */
class GateFaultTest {
    private final TestDatabase database = TestDatabase.create();
    private final AtomicInteger gatesBackend = new AtomicInteger();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final StockEngine engine = StockEngine.open(watched(database.dataSource()), TestDatabase.UNSWEPT, meters);
    private final Shop shop = new Shop(database, engine);
    private final GatedShop gate = new GatedShop(engine, meters);

    @AfterEach
    void theBooksAreRight() {
        shop.close();
    }

    /** Takes note of which session is the gate's. */
    private DataSource watched(DataSource dataSource) {
        return (DataSource) Proxy.newProxyInstance(
                DataSource.class.getClassLoader(), new Class<?>[] {DataSource.class}, (_, method, arguments) -> {
                    var result = method.invoke(dataSource, arguments);
                    if (result instanceof Connection connection
                            && Thread.currentThread().getName().equals("holdfast-gate")) {
                        gatesBackend.set(connection.unwrap(PGConnection.class).getBackendPID());
                    }
                    return result;
                });
    }

    @Test
    void aDatabaseThatDoesNotAnswerOpensTheGate() throws Exception {
        shop.receive("A", 1);
        var hold = shop.place(60, Line.of("A", 1));
        gate.close("A");
        double refusals = gate.refusals();
        int paused = gatesBackend.get();

        signal("-STOP", paused);
        try {
            assertThat(engine.execute(placing())).isInstanceOf(Outcome.Insufficient.class);
            assertThat(gate.passed("unconfirmed")).isOne();
            assertThat(gate.refusals()).isEqualTo(refusals);
            assertThat(gate.markers()).isZero();
            engine.execute(ReleaseHold.of(hold.id()));
            assertThat(engine.execute(placing())).isInstanceOf(Outcome.Placed.class);
        } finally {
            signal("-CONT", paused);
        }
        gate.close("A");
        assertThat(gatesBackend.get()).isNotEqualTo(paused);
    }

    private static void signal(String signal, int pid) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", signal, String.valueOf(pid))
                        .start()
                        .waitFor())
                .isZero();
    }

    @Test
    void aLostConnectionOpensTheGateUntilThereIsAnother() {
        shop.receive("A", 1);
        shop.place(60, Line.of("A", 1));
        gate.close("A");
        database.rows("SELECT pg_terminate_backend(" + gatesBackend.get() + ")");

        assertThat(engine.execute(placing())).isInstanceOf(Outcome.Insufficient.class);
        gate.close("A");
    }

    @Test
    void manyWhoRetryAtOnceAreAllAnsweredAgain() {
        int singles = 50;
        shop.receive("A", singles + 300);
        var commands = new ArrayList<PlaceHold>();
        for (int i = 0; i < singles; i++) {
            commands.add(Shop.placing(600, Line.of("A", 1)));
            engine.execute(commands.getLast());
        }
        var together = IntStream.range(0, 300)
                .mapToObj(_ -> Shop.placing(600, Line.of("A", 1)))
                .toList();
        engine.executeAll(together);
        commands.addAll(together);
        gate.close("A");
        double refusals = gate.refusals();

        var replays = Callers.together(commands.size(), i -> engine.execute(commands.get(i)));
        assertThat(replays).allMatch(outcome -> outcome instanceof Outcome.Placed placed && placed.replayed());
        assertThat(gate.passed("known-key")).isEqualTo(commands.size());
        assertThat(engine.execute(placing())).isInstanceOf(Outcome.Insufficient.class);
        assertThat(gate.refusals()).isEqualTo(refusals + 1);
    }

    @Test
    void everybodyIsAnsweredWhenTheEngineCloses() {
        shop.receive("A", 1);
        shop.place(60, Line.of("A", 1));
        var otherMeters = new SimpleMeterRegistry();
        var closing = database.open(TestDatabase.UNSWEPT, otherMeters);
        new GatedShop(closing, otherMeters).close("A");
        var answers = Callers.together(200, caller -> {
            if (caller == 100) {
                closing.close();
                return true;
            }
            try {
                while (true) {
                    assertThat(closing.execute(placing())).isInstanceOf(Outcome.Insufficient.class);
                }
            } catch (EngineFailure.Closed e) {
                return true;
            }
        });
        assertThat(answers).hasSize(200);
    }

    @Test
    void anEngineCannotBeClosedInACallbackOfItsGate() {
        shop.receive("A", 1);
        shop.place(60, Line.of("A", 1));
        gate.close("A");
        Awaitility.await() // a callback runs here if the answer is there before it
                .until(() -> engine.submit(placing())
                        .handle((_, _) -> Thread.currentThread().getName().equals("holdfast-gate") && !canBeClosed())
                        .join());
    }

    private boolean canBeClosed() {
        try {
            engine.close();
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    @Test
    void withoutTheGateEverythingIsForTheQueue() {
        shop.receive("A", 1);
        shop.place(60, Line.of("A", 1));
        var otherMeters = new SimpleMeterRegistry();
        try (var without = database.open(TestDatabase.UNSWEPT.withGate(false), otherMeters)) {
            gate.close("A");
            var open = new GatedShop(without, otherMeters);
            for (int i = 0; i < 20; i++) {
                assertThat(without.execute(placing())).isInstanceOf(Outcome.Insufficient.class);
            }
            assertThat(open.refusals()).isZero();
            assertThat(open.markers()).isZero();
            assertThat(open.batches()).isEqualTo(20);
        }
    }

    private static PlaceHold placing() {
        return Shop.placing(60, Line.of("A", 1));
    }
}
