package dev.holdfast.engine;

import dev.holdfast.engine.Command.Adjust;
import dev.holdfast.engine.Command.ConfirmHold;
import dev.holdfast.engine.Command.Count;
import dev.holdfast.engine.Command.Deallocate;
import dev.holdfast.engine.Command.ExpireHold;
import dev.holdfast.engine.Command.ExtendHold;
import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.Command.Receive;
import dev.holdfast.engine.Command.ReleaseHold;
import dev.holdfast.engine.Command.Return;
import dev.holdfast.engine.Command.Sell;
import dev.holdfast.engine.Command.SetLimits;
import dev.holdfast.engine.Command.Ship;
import dev.holdfast.engine.Command.Transfer;
import dev.holdfast.engine.Movement.Kind;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.assertj.core.groups.Tuple;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The engine as its callers see it. The rules themselves are in {@code rules/}; here is what comes back and what is kept. */
@ParameterizedClass
@EnumSource(Path.class)
@Execution(ExecutionMode.CONCURRENT) // they mostly wait for the disk, each on a database of its own
class StockEngineTest {
    private static final StockKey A = StockKey.of("A");
    private static final String ODD = "it's \"ödd\"; DROP -- \\ {a,NULL} 日本 👩‍🚀";

    private final Path path;
    private final Shop shop;
    private final StockEngine engine;

    StockEngineTest(Path path) {
        this.path = path;
        shop = Shop.unswept(path);
        engine = shop.engine();
    }

    @AfterEach
    void theBooksAreRight() {
        shop.close();
    }

    private static IdempotencyKey key() {
        return IdempotencyKey.random();
    }

    @Test
    void aHoldIsAnsweredWithWhatIsKeptOfIt() {
        shop.receive("A", 5);
        engine.execute(new Receive(key(), StockKey.of("B", ODD), Quantity.of(5), ODD));
        var command = new PlaceHold(
                key(),
                List.of(Line.of("B", ODD, 2), Line.of("A", 1), Line.of("B", ODD, 1)),
                Duration.ofMinutes(5),
                "till 4",
                ODD);
        var hold = ((Outcome.Placed) engine.execute(command)).hold();

        assertThat(hold.id()).isEqualTo(command.key().id());
        assertThat(hold.state()).isEqualTo(Hold.State.ACTIVE);
        assertThat(hold.lines()).containsExactly(Line.of("B", ODD, 3), Line.of("A", 1));
        assertThat(hold.expiresAt()).isEqualTo(hold.placedAt().plus(Duration.ofMinutes(5)));
        assertThat(hold.channel()).isEqualTo("till 4");
        assertThat(hold.reference()).isEqualTo(ODD);
        assertThat(engine.hold(hold.id())).contains(hold);
        assertThat(engine.execute(command)).isEqualTo(new Outcome.Placed(hold, true));
        assertThat(engine.hold(UUID.randomUUID())).isEmpty();
    }

    @Test
    void everyCommandLeavesItsMovementInTheLedger() {
        var receive = new Receive(key(), A, Quantity.of(20), "PO-1");
        engine.execute(receive);
        var hold = shop.place(60, Line.of("A", 4));
        engine.execute(ConfirmHold.of(hold.id()));
        var ship = new Ship(key(), hold.id(), List.of(Line.of("A", 3)));
        engine.execute(ship);
        var released = shop.place(60, Line.of("A", 2));
        engine.execute(ReleaseHold.of(released.id()));
        var sell = new Sell(key(), List.of(Line.of("A", 1)), "till", "receipt 7");
        engine.execute(sell);
        var back = new Return(key(), A, Quantity.ONE, "too small");
        engine.execute(back);
        var adjust = new Adjust(key(), A, -2, "broken", null);
        engine.execute(adjust);
        var count = new Count(key(), A, 0, "stocktaking", null);
        engine.execute(count);
        var limits = new SetLimits(key(), A, 0, 3, null);
        engine.execute(limits);
        engine.execute(new Deallocate(key(), hold.id(), List.of(Line.of("A", 1))));

        assertThat(engine.movements(A.sku(), null, 50, null).movements().reversed())
                .extracting(
                        Movement::version,
                        Movement::kind,
                        Movement::onHandDelta,
                        Movement::heldDelta,
                        Movement::allocatedDelta,
                        Movement::shortfallDelta,
                        Movement::cause,
                        Movement::note)
                .containsExactly(
                        tuple(1L, Kind.RECEIVE, 20L, 0L, 0L, 0L, receive.key().id(), "PO-1"),
                        tuple(2L, Kind.PLACE, 0L, 4L, 0L, 0L, hold.id(), null),
                        tuple(3L, Kind.CONFIRM, 0L, -4L, 4L, 0L, hold.id(), null),
                        tuple(4L, Kind.SHIP, -3L, 0L, -3L, 0L, hold.id(), null),
                        tuple(5L, Kind.PLACE, 0L, 2L, 0L, 0L, released.id(), null),
                        tuple(6L, Kind.RELEASE, 0L, -2L, 0L, 0L, released.id(), null),
                        tuple(7L, Kind.SELL, -1L, 0L, 0L, 0L, sell.key().id(), "receipt 7"),
                        tuple(8L, Kind.RETURN, 1L, 0L, 0L, 0L, back.key().id(), "too small"),
                        tuple(9L, Kind.ADJUST, -2L, 0L, 0L, 0L, adjust.key().id(), "broken"),
                        tuple(10L, Kind.COUNT, -15L, 0L, 0L, 1L, count.key().id(), "stocktaking"),
                        tuple(
                                11L,
                                Kind.SET_LIMITS,
                                0L,
                                0L,
                                0L,
                                -1L,
                                limits.key().id(),
                                null),
                        tuple(12L, Kind.DEALLOCATE, 0L, 0L, -1L, 0L, hold.id(), null));
        assertThat(engine.levels(A.sku())).containsExactly(new Level(A, 0, 0, 0, 0, 3, 0, 12));
        assertThat(engine.hold(hold.id()).orElseThrow().part(0)).isEqualTo(new Hold.Part(3, 1, 0, 3));
    }

    private static Tuple tuple(@Nullable Object... values) {
        return Tuple.tuple(values);
    }

    @Test
    void aTransferIsAnsweredWithBothMovements() {
        shop.receive("A", 5);
        var transfer = new Transfer(key(), A, new Location("b"), Quantity.of(2), null);
        var moved = (Outcome.Moved) engine.execute(transfer);
        assertThat(moved.movements())
                .extracting(Movement::stock, Movement::kind, Movement::onHandDelta)
                .containsExactly(tuple(A, Kind.TRANSFER_OUT, -2L), tuple(StockKey.of("A", "b"), Kind.TRANSFER_IN, 2L));
        assertThat(engine.execute(transfer)).isEqualTo(new Outcome.Moved(moved.movements(), true));
        assertThat(engine.levels(A.sku()))
                .extracting(level -> level.stock().location().value(), Level::onHand)
                .containsExactly(tuple("b", 2L), tuple("main", 3L));
    }

    @Test
    void refusalsLeaveNoTrace() {
        shop.receive("A", 5);
        engine.execute(new SetLimits(key(), A, 1, 0, null));
        var hold = shop.place(60, Line.of("A", 3));
        var released = shop.place(60, Line.of("A", 1));
        engine.execute(ReleaseHold.of(released.id()));
        var ghost = UUID.randomUUID();
        var before = shop.database().everything();
        for (Command<?> command : List.<Command<?>>of(
                PlaceHold.of(key(), Line.of("A", 2)),
                PlaceHold.of(key(), Line.of("A", 1), Line.of("NO", 1)),
                new PlaceHold(
                        new IdempotencyKey("", hold.id()), List.of(Line.of("A", 1)), Duration.ofHours(1), null, null),
                new Sell(key(), List.of(Line.of("A", 2)), null, null),
                new Sell(key(), List.of(Line.of("NO", 2)), null, null),
                new Ship(key(), hold.id(), List.of(Line.of("A", 1))),
                new Ship(key(), ghost, List.of(Line.of("A", 1))),
                new Deallocate(key(), hold.id(), List.of(Line.of("A", 1))),
                new Deallocate(key(), ghost, List.of(Line.of("A", 1))),
                ConfirmHold.of(ghost),
                new ConfirmHold(key(), released.id()),
                new ReleaseHold(key(), ghost),
                new ExtendHold(key(), released.id(), Duration.ofMinutes(1)),
                new ExpireHold(hold.id()),
                new Return(key(), StockKey.of("NO"), Quantity.ONE, null),
                new Adjust(key(), A, -3, "lost", null),
                new Adjust(key(), A, 1, "found", 1L),
                new Adjust(key(), StockKey.of("NO"), 1, "found", null),
                new Count(key(), StockKey.of("NO"), 1, null, null),
                new Transfer(key(), A, new Location("b"), Quantity.of(3), null),
                new Transfer(key(), StockKey.of("NO"), new Location("b"), Quantity.of(3), null),
                new SetLimits(key(), A, 0, 0, 1L),
                new Receive(new IdempotencyKey("", hold.id()), StockKey.of("NEW"), Quantity.ONE, null))) {
            Outcome outcome = engine.execute(command);
            assertThat(outcome)
                    .as(command.toString())
                    .isNotInstanceOfAny(
                            Outcome.Placed.class, Outcome.Changed.class, Outcome.Moved.class, Outcome.Sold.class);
            assertThat(shop.database().everything()).as(command.toString()).isEqualTo(before);
        }
    }

    /** A refused transfer's target was made for it, and must go again although its neighbours are committed. */
    @Test
    void aRefusalLeavesNoTraceBesideANeighbourThatIsTaken() {
        shop.receive("A", 5);
        var outcomes = engine.<Outcome.Stock>executeAll(List.of(
                new Transfer(key(), A, new Location("b"), Quantity.of(9), null),
                new Receive(key(), A, Quantity.ONE, null),
                new Transfer(key(), StockKey.of("NO"), new Location("b"), Quantity.ONE, null)));
        assertThat(outcomes)
                .extracting(outcome -> outcome.getClass().getSimpleName())
                .containsExactly("Insufficient", "Moved", "UnknownSku");
        assertThat(shop.database().rows("SELECT sku, location, on_hand FROM stock_level"))
                .containsExactly("A,main,6");
    }

    @Test
    void aListIsDecidedInItsOrderEachForItself() {
        shop.receive("A", 5);
        var placings = IntStream.of(3, 3, 2, 1)
                .mapToObj(units -> PlaceHold.of(key(), Line.of("A", units)))
                .toList();
        assertThat(engine.executeAll(placings))
                .extracting(outcome -> outcome.getClass().getSimpleName())
                .containsExactly("Placed", "Insufficient", "Placed", "Insufficient");
        assertThat(engine.executeAll(List.<PlaceHold>of())).isEmpty();
        assertThat(engine.submitAll(placings).join().getFirst())
                .isInstanceOfSatisfying(
                        Outcome.Placed.class,
                        placed -> assertThat(placed.replayed()).isTrue());
    }

    @Test
    void availabilityIsSummedOverLocationsAndNeverNegative() {
        shop.receive("A", 5);
        engine.execute(new Receive(key(), StockKey.of("A", "b"), Quantity.of(7), null));
        engine.execute(new SetLimits(key(), StockKey.of("A", "b"), 9, 0, null));
        shop.receive("B", 1);
        shop.place(60, Line.of("A", 2));
        assertThat(engine.available(List.of(A.sku(), new Sku("B"), new Sku("NO"))))
                .isEqualTo(Map.of(A.sku(), 3L, new Sku("B"), 1L));
        assertThat(engine.available(List.of())).isEmpty();
        assertThat(engine.levels(new Sku("NO"))).isEmpty();
    }

    @Test
    void theLedgerIsPagedOverSeveralLocationsWithoutGapOrRepeat() {
        for (int i = 0; i < 25; i++) {
            engine.execute(new Receive(key(), StockKey.of("A", "l" + i % 3), Quantity.ONE, String.valueOf(i)));
        }
        for (int limit : List.of(1, 2, 7, 24, 25, 26, 500)) {
            var notes = new ArrayList<String>();
            String cursor = null;
            do {
                var page = engine.movements(A.sku(), null, limit, cursor);
                page.movements().forEach(movement -> notes.add(movement.note()));
                assertThat(page.movements()).hasSizeBetween(1, limit);
                cursor = page.nextCursor();
                if (notes.size() == 7) {
                    engine.execute(new Receive(key(), StockKey.of("A", "l1"), Quantity.ONE, "new " + limit));
                }
            } while (cursor != null);
            assertThat(notes.stream().filter(note -> !note.startsWith("new")).toList())
                    .isEqualTo(IntStream.range(0, 25)
                            .mapToObj(i -> String.valueOf(24 - i))
                            .toList());
            assertThat(notes).doesNotHaveDuplicates();
        }
        var one = engine.movements(A.sku(), new Location("l0"), 4, null);
        assertThat(one.movements()).extracting(Movement::version).containsExactly(9L, 8L, 7L, 6L);
        var rest = engine.movements(A.sku(), new Location("l0"), 500, one.nextCursor());
        assertThat(rest.movements()).extracting(Movement::version).containsExactly(5L, 4L, 3L, 2L, 1L);
        assertThat(rest.nextCursor()).isNull();
        assertThat(engine.movements(new Sku("NO"), null, 10, null)).isEqualTo(new MovementPage(List.of(), null));
    }

    /** The ledger's rows hold up to 40 movements, so that most pages end within one. */
    @Test
    void theCursorIsShortHoweverManyLocationsThereAre() {
        var receipts = new ArrayList<Receive>();
        for (int i = 0; i < 1_350; i++) {
            int location = i < 450 ? i : i % 9;
            receipts.add(new Receive(key(), StockKey.of("A", "location-" + location), Quantity.ONE, "n" + i));
        }
        engine.executeAll(receipts);
        var notes = new ArrayList<String>();
        String cursor = null;
        do {
            var page = engine.movements(A.sku(), null, 93, cursor);
            page.movements().forEach(movement -> notes.add(movement.note()));
            cursor = page.nextCursor();
            assertThat(cursor == null ? "" : cursor).hasSizeLessThan(200);
        } while (cursor != null);
        assertThat(notes)
                .containsExactlyInAnyOrderElementsOf(
                        receipts.stream().map(Receive::reference).toList());
    }

    /** As after a failover: versions 6 to 10 of one location are an hour older than 1 to 5. */
    @Test
    void aClockThatWentBackHidesNoMovementAndTurnsNoLedgerRound() {
        for (int i = 0; i < 20; i++) {
            engine.execute(new Receive(key(), StockKey.of("A", "l" + i % 2), Quantity.ONE, null));
        }
        shop.database().execute("""
                UPDATE ledger SET at = at - interval '1 hour' WHERE version BETWEEN 6 AND 9
                AND stock_id = (SELECT id FROM stock_level WHERE location = 'l0')""");
        for (int limit : List.of(1, 2, 3, 7, 20)) {
            var versions = new HashMap<Location, List<Long>>();
            String cursor = null;
            do {
                var page = engine.movements(A.sku(), null, limit, cursor);
                page.movements()
                        .forEach(movement -> versions.computeIfAbsent(
                                        movement.stock().location(), _ -> new ArrayList<>())
                                .add(movement.version()));
                cursor = page.nextCursor();
            } while (cursor != null);
            var newestFirst = List.of(10L, 9L, 8L, 7L, 6L, 5L, 4L, 3L, 2L, 1L);
            assertThat(versions).isEqualTo(Map.of(new Location("l0"), newestFirst, new Location("l1"), newestFirst));
        }
    }

    @Test
    void aCursorOfSomebodyElsesAndALimitOutOfBoundsAreRefused() {
        var now = Instant.now();
        for (String cursor : List.of(
                "",
                "x",
                "!!!",
                "bm9uZQ",
                "LzE",
                new MovementCursor(now, 1, 1).encode(new Sku("B"), null),
                new MovementCursor(now, 1, 1).encode(A.sku(), Location.MAIN),
                new MovementCursor(now, 0, 1).encode(A.sku(), null),
                new MovementCursor(now, 1, -1).encode(A.sku(), null),
                new MovementCursor(Instant.EPOCH.minusSeconds(1), 1, 1).encode(A.sku(), null),
                new MovementCursor(Instant.ofEpochSecond(9_000_000_000_000L), 1, 1).encode(A.sku(), null))) {
            assertThatThrownBy(() -> engine.movements(A.sku(), null, 10, cursor))
                    .as(cursor)
                    .isInstanceOf(IllegalArgumentException.class);
        }
        for (int limit : new int[] {0, -1, 501}) {
            assertThatThrownBy(() -> engine.movements(A.sku(), null, limit, null))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void anExtensionAnsweredAgainIsAsOldAsTheFirstAnswer() {
        shop.receive("A", 1);
        var hold = shop.place(60, Line.of("A", 1));
        var extend = new ExtendHold(key(), hold.id(), Duration.ofMinutes(10));
        var first = (Outcome.Changed) engine.execute(extend);
        assertThat(first.hold().expiresAt()).isEqualTo(first.at().plusSeconds(600));
        shop.database().awaitClock(first.at().plusMillis(5));
        assertThat(engine.execute(extend)).isEqualTo(new Outcome.Changed(first.hold(), first.at(), true));
    }

    @Test
    void aKeyOfOneCallerIsNotAnothersAnswer() {
        shop.receive("A", 5);
        var uuid = IdempotencyKey.randomUuidV7().toString();
        var lines = List.of(Line.of("A", 1));
        var first = new PlaceHold(IdempotencyKey.of("ann", uuid), lines, Duration.ofMinutes(1), null, null);
        var other = new PlaceHold(IdempotencyKey.of("bob", uuid), lines, Duration.ofMinutes(1), null, null);
        assertThat(engine.execute(first)).isInstanceOf(Outcome.Placed.class);
        assertThat(engine.execute(other)).isInstanceOf(Outcome.KeyReused.class);
        var hashed = new PlaceHold(IdempotencyKey.of("ann", "order 1"), lines, Duration.ofMinutes(1), null, null);
        var hashedOther = new PlaceHold(IdempotencyKey.of("bob", "order 1"), lines, Duration.ofMinutes(1), null, null);
        assertThat(engine.execute(hashed)).isInstanceOf(Outcome.Placed.class);
        assertThat(engine.execute(hashedOther)).isInstanceOf(Outcome.Placed.class);
        shop.assertLevel("A", 5, 3, 0);
    }

    @Test
    void aHoldOfAHundredStocksIsPlacedAndReplayed() {
        var lines = IntStream.range(0, 100).mapToObj(i -> Line.of("S" + i, 1)).toArray(Line[]::new);
        engine.executeAll(IntStream.range(0, 100)
                .mapToObj(i -> new Receive(key(), StockKey.of("S" + i), Quantity.ONE, null))
                .toList());
        var placing = Shop.placing(60, lines);
        var hold = ((Outcome.Placed) engine.execute(placing)).hold();
        assertThat(hold.lines()).containsExactly(lines);
        assertThat(engine.hold(hold.id())).contains(hold);
        assertThat(engine.execute(placing)).isEqualTo(new Outcome.Placed(hold, true));
        assertThat(((Outcome.Insufficient) engine.execute(Shop.placing(60, lines))).shortages())
                .hasSize(100);
    }

    @Test
    void anEngineOpenedLaterFindsEverything() {
        shop.receive("A", 5);
        var placing = Shop.placing(60, Line.of("A", 2));
        var hold = ((Outcome.Placed) engine.execute(placing)).hold();
        engine.close();
        try (var later = shop.database().open(path, TestDatabase.UNSWEPT)) {
            assertThat(later.execute(placing)).isEqualTo(new Outcome.Placed(hold, true));
            assertThat(later.execute(ConfirmHold.of(hold.id())))
                    .extracting("hold", "replayed")
                    .containsExactly(hold.ended(Hold.State.CONFIRMED), false);
        }
    }

    @Test
    void answersAndBatchesAreCounted() {
        var meters = new SimpleMeterRegistry();
        try (var counted = shop.database().open(path, TestDatabase.UNSWEPT, meters)) {
            counted.execute(new Receive(key(), A, Quantity.of(2), null));
            counted.executeAll(List.of(
                    PlaceHold.of(key(), Line.of("A", 1)),
                    PlaceHold.of(key(), Line.of("A", 1)),
                    PlaceHold.of(key(), Line.of("A", 1))));
        }
        assertThat(meters.get("holdfast.outcomes")
                        .tags("command", "PlaceHold", "outcome", "Placed")
                        .counter()
                        .count())
                .isEqualTo(2);
        assertThat(meters.get("holdfast.outcomes")
                        .tags("outcome", "Insufficient")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(meters.get("holdfast.lane.batch.size").summary().totalAmount())
                .isEqualTo(4);
        assertThat(meters.get("holdfast.lane.queue.depth").gauge().value()).isZero();
    }
}
