package dev.holdfast.engine;

import dev.holdfast.engine.Command.ConfirmHold;
import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.Command.Receive;
import dev.holdfast.engine.Command.ReleaseHold;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Callers that place, confirm, release and receive on a few stocks while something goes wrong, each of them giving a command again
 * with the same key until it is answered. Afterwards the database must hold what was acknowledged, and nothing else.
 */
final class Storm {
    private static final int CALLERS = 64;
    static final int STOCKS = 5;

    private record Acknowledged(Hold hold, Hold.State state) {}

    private final List<StockEngine> engines;
    private final Map<UUID, Acknowledged> acknowledged = new ConcurrentHashMap<>();
    private final Set<UUID> refused = ConcurrentHashMap.newKeySet();
    private final AtomicLong unitsReceived = new AtomicLong();
    private final AtomicInteger receipts = new AtomicInteger();
    private final AtomicInteger confirmations = new AtomicInteger();

    /** How often a caller was told that the database could not be reached. */
    final AtomicInteger failures = new AtomicInteger();

    private volatile boolean over;

    Storm(StockEngine... engines) {
        this.engines = List.of(engines);
        for (int i = 0; i < STOCKS; i++) {
            receive(this.engines.getFirst(), i, 20);
        }
    }

    /** Blows until the disaster is over and some more commands have been answered. */
    void during(Runnable disaster) {
        var callers =
                CompletableFuture.supplyAsync(() -> Callers.together(CALLERS, this::call), Thread::startVirtualThread);
        awaitHolds(200);
        try {
            disaster.run();
            awaitHolds(acknowledged.size() + 200);
        } finally {
            over = true;
        }
        assertThat(callers.orTimeout(60, TimeUnit.SECONDS).join()).hasSize(CALLERS);
    }

    /** Waits until so many holds have been acknowledged in all. */
    void awaitHolds(int holds) {
        Awaitility.await()
                .pollInterval(Duration.ofMillis(5))
                .atMost(Duration.ofSeconds(60))
                .until(() -> acknowledged.size() >= holds);
    }

    int holds() {
        return acknowledged.size();
    }

    private boolean call(int caller) {
        var random = new Random(caller);
        while (!over) {
            var engine = engines.get(random.nextInt(engines.size()));
            if (random.nextInt(4) == 0) {
                receive(engine, random.nextInt(STOCKS), 1 + random.nextInt(10));
            } else {
                place(engine, random);
            }
        }
        return true;
    }

    private void place(StockEngine engine, Random random) {
        var lines = new ArrayList<Line>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            lines.add(Line.of("S" + random.nextInt(STOCKS), 1 + random.nextInt(2)));
        }
        var command = new PlaceHold(
                IdempotencyKey.random(), lines, Duration.ofMinutes(10), "web", "order " + random.nextInt());
        switch (answer(engine, command)) {
            case Outcome.Placed placed -> {
                assertThat(placed.hold().lines()).isEqualTo(command.lines());
                acknowledged.put(placed.hold().id(), end(engine, placed.hold(), random.nextInt(3)));
            }
            case Outcome.Insufficient _ -> refused.add(command.key().id());
            case Outcome.UnknownSku no -> throw new AssertionError(no);
            case Outcome.Ended no -> throw new AssertionError(no);
            case Outcome.KeyReused no -> throw new AssertionError(no);
        }
    }

    private Acknowledged end(StockEngine engine, Hold hold, int how) {
        if (how == 0) {
            return new Acknowledged(hold, Hold.State.ACTIVE);
        }
        var command = how == 1
                ? new ConfirmHold(IdempotencyKey.random(), hold.id())
                : new ReleaseHold(IdempotencyKey.random(), hold.id());
        var state = how == 1 ? Hold.State.CONFIRMED : Hold.State.RELEASED;
        assertThat(answer(engine, command)).extracting("hold", "replayed").containsExactly(hold.ended(state), false);
        confirmations.incrementAndGet();
        return new Acknowledged(hold, state);
    }

    private void receive(StockEngine engine, int stock, int units) {
        var command = new Receive(IdempotencyKey.random(), StockKey.of("S" + stock), Quantity.of(units), "delivery");
        assertThat(answer(engine, command)).isInstanceOf(Outcome.Moved.class);
        unitsReceived.addAndGet(units);
        receipts.incrementAndGet();
    }

    /** The answer; only after a failure may it be that of an earlier try, and is told as the first here. */
    @SuppressWarnings("unchecked")
    private <O extends Outcome> O answer(StockEngine engine, Command<O> command) {
        boolean failed = false;
        while (true) {
            try {
                var outcome = engine.execute(command);
                assertThat(failed || outcome.equals(Outcome.asFirst(outcome)))
                        .as("a replay of nothing: %s", outcome)
                        .isTrue();
                return (O) Outcome.asFirst(outcome);
            } catch (EngineFailure.Closed over) {
                throw over; // the test has failed elsewhere and is clearing up
            } catch (EngineFailure failure) {
                assertThat(failure.retryable()).as(failure.toString()).isTrue();
                if (isDatabaseAway(failure)) {
                    failures.incrementAndGet();
                }
                failed = true;
            }
        }
    }

    /** Rather than that callers without locks met too often, which is no fault of the database's. */
    private static boolean isDatabaseAway(EngineFailure failure) {
        return !(failure.getCause() instanceof SQLException cause) || SqlStates.isLost(cause);
    }

    /** Every acknowledged hold is there as acknowledged, no other is, every command counts once, and the books are right. */
    void assertNothingLostAndNothingDoubled(TestDatabase database) {
        var expected = acknowledged.values().stream()
                .map(each -> each.hold().id() + "," + each.state().code + ","
                        + each.hold().channel() + "," + each.hold().reference() + ","
                        + each.hold().lines().stream()
                                .map(line -> line.stock().sku() + " " + line.units())
                                .collect(Collectors.joining(" ")))
                .sorted()
                .toList();
        assertThat(database.rows("""
                SELECT h.id, h.state, h.channel, h.reference, (
                    SELECT string_agg(l.sku || ' ' || h.lines[2 * n], ' ' ORDER BY n)
                    FROM generate_series(1, cardinality(h.lines) / 2) n JOIN stock_level l ON l.id = h.lines[2 * n - 1])
                FROM hold h ORDER BY h.id::text
                """)).isEqualTo(expected);
        assertThat(refused).doesNotContainAnyElementsOf(acknowledged.keySet());
        assertThat(database.number("SELECT sum(on_hand) FROM stock_level")).isEqualTo(unitsReceived.get());
        assertThat(database.number("SELECT sum(held) FROM stock_level")).isEqualTo(units(Hold.State.ACTIVE));
        assertThat(database.number("SELECT sum(allocated) FROM stock_level")).isEqualTo(units(Hold.State.CONFIRMED));
        assertThat(database.number("SELECT count(*) FROM idempotency_entry"))
                .isEqualTo(receipts.get() + confirmations.get());
        assertThat(database.rows("""
                SELECT stock_id, version
                FROM (SELECT *, lag(at) OVER (PARTITION BY stock_id ORDER BY version) AS before FROM movement) m
                WHERE at < before
                """))
                .as("time never runs backwards in a ledger")
                .isEmpty();
        TestDatabase.assertBooksAreRight(engines.getFirst());
    }

    private long units(Hold.State state) {
        return acknowledged.values().stream()
                .filter(each -> each.state() == state)
                .flatMap(each -> each.hold().lines().stream())
                .mapToLong(Line::units)
                .sum();
    }
}
