package dev.holdfast.engine;

import dev.holdfast.engine.Command.Adjust;
import dev.holdfast.engine.Command.ConfirmHold;
import dev.holdfast.engine.Command.Count;
import dev.holdfast.engine.Command.ExtendHold;
import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.Command.Receive;
import dev.holdfast.engine.Command.ReleaseHold;
import dev.holdfast.engine.Command.Return;
import dev.holdfast.engine.Command.SetLimits;
import dev.holdfast.engine.Command.Ship;
import dev.holdfast.engine.Command.Transfer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What is kept of who changed a stock. */
@ParameterizedClass
@EnumSource(Path.class)
class AuditEntryTest {
    private static final StockKey A = StockKey.of("A");
    private static final Duration TTL = Duration.ofMinutes(1);
    private static final Actor ANNA = new Actor("anna", null, null);

    private final Shop shop;
    private final StockEngine engine;

    AuditEntryTest(Path path) {
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

    private List<String> entries() {
        return shop.database().rows("""
                SELECT action || ' ' || subject || ' ' || coalesce(before::text, 'nothing') || ' -> ' || after
                FROM stock_audit ORDER BY at, id""");
    }

    @Test
    void eachChangeOfALevelSaysWhatItWasAndWhatItBecame() {
        engine.execute(new Receive(key(), A, Quantity.of(9), null), ANNA);
        engine.execute(new Receive(key(), A, Quantity.of(1), null), ANNA);
        engine.execute(new Adjust(key(), A, -2, "broken", null), ANNA);
        shop.place(60, Line.of("A", 7));
        engine.execute(new Count(key(), A, 5, "shelf", null), ANNA);
        engine.execute(new Return(key(), A, Quantity.of(4), null), ANNA);
        engine.execute(new Transfer(key(), A, new Location("b"), Quantity.ONE, null), ANNA);
        engine.execute(new SetLimits(key(), A, 1, 3, List.of(new Buffer("till \"4\" \\", 2, 1)), null), ANNA);

        assertThat(entries())
                .containsExactly(
                        "receive stock/A@main nothing -> {\"onHand\":9}",
                        "receive stock/A@main {\"onHand\":9} -> {\"onHand\":10}",
                        "adjust stock/A@main {\"onHand\":10} -> {\"onHand\":8}",
                        "count stock/A@main {\"onHand\":8,\"shortfall\":0} -> {\"onHand\":5,\"shortfall\":2}",
                        "return stock/A@main {\"onHand\":5,\"shortfall\":2} -> {\"onHand\":9,\"shortfall\":0}",
                        "transfer-out stock/A@main {\"onHand\":9} -> {\"onHand\":8}",
                        "transfer-in stock/A@b nothing -> {\"onHand\":1}",
                        "set-limits stock/A@main {\"safetyStock\":0,\"backorderLimit\":0,\"buffers\":[]} -> "
                                + "{\"safetyStock\":1,\"backorderLimit\":3,\"buffers\":"
                                + "[{\"channel\":\"till \\\"4\\\" \\\\\",\"units\":2,\"priority\":1}]}");
    }

    @Test
    void eachChangeOfAHoldSaysWhatBecameOfItsUnits() {
        shop.receive("A", 9);
        var line = Line.of("A", 3);
        var key = key();
        var hold = key.id();
        engine.execute(new PlaceHold(key, List.of(line), TTL, "web", "cart \"4\"", null, null), ANNA);
        engine.execute(new ExtendHold(null, hold, TTL.multipliedBy(2)), ANNA);
        engine.execute(new ConfirmHold(key(), hold, List.of(Line.of("A", 1))), ANNA);
        engine.execute(new ReleaseHold(key(), hold, List.of()), ANNA);
        engine.execute(new Ship(key(), hold, List.of(Line.of("A", 1))), ANNA);

        var all = entries().stream()
                .map(entry ->
                        entry.replace(hold.toString(), "H").replaceAll("\"expiresAt\":\"[^\"]*\"", "\"expiresAt\":T"))
                .toList();
        assertThat(all)
                .containsExactly(
                        "place stock/A@main {\"held\":0} -> {\"held\":3}",
                        "place hold/H nothing -> {\"state\":\"ACTIVE\",\"expiresAt\":T,\"channel\":\"web\","
                                + "\"reference\":\"cart \\\"4\\\"\",\"lines[A@main].held\":3}",
                        "extend hold/H {\"expiresAt\":T} -> {\"expiresAt\":T}",
                        "confirm stock/A@main {\"held\":3,\"allocated\":0} -> {\"held\":2,\"allocated\":1}",
                        "confirm hold/H {\"lines[A@main].held\":3,\"lines[A@main].confirmed\":0} -> "
                                + "{\"lines[A@main].held\":2,\"lines[A@main].confirmed\":1}",
                        "release stock/A@main {\"held\":2} -> {\"held\":0}",
                        "release hold/H {\"state\":\"ACTIVE\",\"lines[A@main].held\":2,\"lines[A@main].released\":0} -> "
                                + "{\"state\":\"CONFIRMED\",\"lines[A@main].held\":0,\"lines[A@main].released\":2}",
                        "ship stock/A@main {\"onHand\":9,\"allocated\":1} -> {\"onHand\":8,\"allocated\":0}",
                        "ship hold/H {\"lines[A@main].shipped\":0} -> {\"lines[A@main].shipped\":1}");
    }

    @Test
    void aHoldThatMakesWayForAnotherIsReleasedByWhoeverPlacesThat() {
        shop.receive("A", 1);
        var first = shop.place(60, Line.of("A", 1)).id();
        var key = key();
        engine.executeAll(List.of(new PlaceHold(key, List.of(Line.of("A", 1)), TTL, null, null, null, first)), ANNA);

        assertThat(shop.database().rows("SELECT action || ' ' || subject FROM stock_audit ORDER BY at, id"))
                .containsExactly(
                        "place stock/A@main",
                        "release stock/A@main",
                        "release hold/" + first,
                        "place hold/" + key.id());
    }

    @Test
    void itSaysWhoAndWhyAndInWhichTrace() {
        engine.execute(new Receive(key(), A, Quantity.of(9), "PO-1"), new Actor("anna", "late", "4bf9"));
        engine.execute(new Adjust(key(), A, -1, "broken", null), ANNA);

        assertThat(shop.database()
                        .rows("SELECT actor, reason, trace_id, at = (SELECT max(at) FROM ledger l WHERE l.at = a.at)"
                                + " FROM stock_audit a ORDER BY at, id"))
                .containsExactly("anna,late,4bf9,t", "anna,broken,null,t");
    }

    @Test
    void whatChangesNothingIsNotKept() {
        var receive = new Receive(key(), A, Quantity.of(2), null);
        engine.execute(receive, ANNA);
        engine.execute(receive, ANNA); // a retry
        engine.execute(new Adjust(key(), A, -3, "more than there is", null), ANNA);
        engine.execute(new Adjust(key(), A, -1, "late", 7L), ANNA);
        engine.execute(PlaceHold.of(key(), Line.of("A", 3)), ANNA);

        assertThat(entries()).hasSize(1);
    }

    @Test
    void whoSaysNotWhoItIsLeavesNoEntry() {
        shop.receive("A", 1);
        shop.place(60, Line.of("A", 1));

        assertThat(entries()).isEmpty();
    }

    @Test
    void anActorHasANameThatCanBeKept() {
        assertThatThrownBy(() -> new Actor(" ", null, null)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Actor("a".repeat(256), null, null)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Actor("anna", "a\u0000", null)).isInstanceOf(IllegalArgumentException.class);
    }
}
