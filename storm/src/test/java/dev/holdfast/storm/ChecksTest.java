package dev.holdfast.storm;

import dev.holdfast.storm.Accounts.Exit;
import dev.holdfast.storm.Deal.Ended;
import dev.holdfast.storm.Evidence.Invariants;
import dev.holdfast.storm.Evidence.Shelf;
import dev.holdfast.storm.HoldSeen.Line;
import dev.holdfast.storm.HoldSeen.State;
import dev.holdfast.storm.Intent.Ending;
import dev.holdfast.storm.Intent.Repeat;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** The judgement alone: what buyers were told and what is shown, put together by hand. */
class ChecksTest {

    private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
    private static final Instant LATER = NOW.plusSeconds(600);

    private final Map<String, Long> units = new LinkedHashMap<>(Map.of("a", 2L));
    private final List<Deal> deals = new ArrayList<>();
    private final Map<String, Look<HoldSeen>> holds = new HashMap<>();
    private final Map<String, Shelf> stock = new LinkedHashMap<>();

    @Test
    void a_refused_cart_must_not_fit_into_what_is_left() {
        units.put("b", 1L);
        bought(Repeat.ONCE, List.of("a"), LATER);
        refused(List.of("a", "b"));
        assertThat(failed()).containsExactly("nobody refused what was there");

        bought(Repeat.ONCE, List.of("b"), LATER);
        assertThat(failed()).isEmpty();
    }

    @Test
    void nobody_can_say_who_should_have_won_when_units_came_back() {
        bought(Repeat.ONCE, List.of("a"), LATER, new Ended.Released(hold(UUID.randomUUID(), State.RELEASED, LATER)));
        refused(List.of("a"));
        assertThat(failed()).isEmpty();
        assertThat(check("nobody refused what was there").note()).isEqualTo("not judged, units came back: 1");
    }

    @Test
    void units_count_as_sold_while_held_or_confirmed() {
        bought(Repeat.ONCE, List.of("a"), LATER);
        bought(Repeat.ONCE, List.of("a"), LATER, new Ended.Confirmed(hold(UUID.randomUUID(), State.CONFIRMED, LATER)));
        assertThat(failed()).isEmpty();
        bought(Repeat.ONCE, List.of("a"), LATER);
        assertThat(check("no unit sold twice").samples()).containsExactly("a: 3 units sold, 2 there were");
        assertThat(Accounts.of(evidence()).unitsOversold(evidence().supply())).isEqualTo(1);
    }

    @Test
    void a_hold_past_its_time_may_be_counted_as_held_or_not() {
        bought(Repeat.ONCE, List.of("a"), NOW.minusSeconds(1));
        for (long held : new long[] {0, 1}) {
            stock.put("a", shelf(2, held, 0));
            assertThat(failed()).doesNotContain("levels agree with what buyers were told");
        }
        stock.put("a", shelf(2, 2, 0));
        assertThat(failed()).contains("levels agree with what buyers were told");
    }

    @Test
    void a_buyer_without_an_answer_has_what_the_server_shows() {
        var key = UUID.randomUUID();
        deals.add(new Deal(
                intent(Repeat.ONCE, List.of("a")), key, List.of(new Told.Failed("?")), false, new Ended.Nothing()));
        assertThat(Accounts.of(evidence()).buyers(Exit.FAILED)).isEqualTo(1);
        holds.put(key.toString(), new Look.Found<>(hold(key, State.ACTIVE, LATER)));
        assertThat(Accounts.of(evidence()).buyers(Exit.HOLDING)).isEqualTo(1);
    }

    @Test
    void the_first_answer_may_be_a_replay_only_after_a_lost_one() {
        var key = UUID.randomUUID();
        var replay = new Told.Placed(hold(key, State.ACTIVE, LATER), true, false);
        deals.add(new Deal(intent(Repeat.LOST, List.of("a")), key, List.of(replay), true, new Ended.Abandoned()));
        assertThat(failed()).isEmpty();
        deals.add(new Deal(intent(Repeat.ONCE, List.of("a")), key, List.of(replay), false, new Ended.Abandoned()));
        assertThat(failed()).containsExactly("one key, one hold");
    }

    @Test
    void a_key_with_a_hold_is_never_refused_afterwards() {
        var key = UUID.randomUUID();
        var yes = new Told.Placed(hold(key, State.ACTIVE, LATER), false, false);
        var no = new Told.Refused(false);
        deals.add(new Deal(intent(Repeat.AFTER, List.of("a")), key, List.of(yes, no), false, new Ended.Abandoned()));
        assertThat(failed()).containsExactly("one key, one hold");
    }

    @Test
    void what_was_not_looked_up_is_said() {
        bought(Repeat.ONCE, List.of("a"), LATER);
        holds.clear();
        assertThat(check("every acknowledged hold exists as acknowledged").note())
                .isEqualTo("0 of 1 looked up");
    }

    @Test
    void the_ledger_may_at_no_time_promise_more_than_there_was() {
        stock.put("a", new Shelf(level(2, 1, 0, 4), ledger(move(0, -2), move(0, 3), move(1, 0), move(1, 0)), null));
        bought(Repeat.ONCE, List.of("a"), LATER);
        assertThat(failed()).containsExactly("the ledger has no gap and sums to the level");
        assertThat(check("the ledger has no gap and sums to the level").samples())
                .containsExactly("a: after movement 3, 3 held and 0 allocated of 2 on hand, shortfall 0");
    }

    /** The last unit is in a hold that is replaced, as a cart's is when it changes. */
    @Test
    void a_hold_that_replaces_another_one_is_placed_before_that_ends() {
        assertThat(isReplaced("RELEASE", 3)).isTrue();
        assertThat(isReplaced("EXPIRE", 3)).isTrue();
        assertThat(isReplaced("SELL", 3)).isFalse();
        assertThat(isReplaced("RELEASE", 4)).isFalse(); // of another decision
    }

    private static boolean isReplaced(String end, long endAtMicros) {
        var movements = List.of(
                new LedgerSeen.Movement(4, end, "one", 0, -1, 0, 0, endAtMicros),
                new LedgerSeen.Movement(3, "PLACE", "two", 0, 1, 0, 0, 3),
                new LedgerSeen.Movement(2, "PLACE", "one", 0, 1, 0, 0, 2),
                new LedgerSeen.Movement(1, "RECEIVE", "?", 1, 0, 0, 0, 1));
        var shelf = new Shelf(level(1, 1, 0, 4), new LedgerSeen(movements, true), null);
        return Checks.ledgerAddsUp(Map.of("a", shelf)).ok();
    }

    private void bought(Repeat repeat, List<String> cart, Instant expiresAt) {
        bought(repeat, cart, expiresAt, new Ended.Abandoned());
    }

    private void bought(Repeat repeat, List<String> cart, Instant expiresAt, Ended ended) {
        var key = UUID.randomUUID();
        var lines = cart.stream().map(sku -> new Line(sku, "main", 1)).toList();
        var placed = new HoldSeen(key.toString(), State.ACTIVE, lines, expiresAt);
        deals.add(new Deal(intent(repeat, cart), key, List.of(new Told.Placed(placed, false, false)), false, ended));
        var shown = new HoldSeen(key.toString(), Accounts.toldState(ended), lines, expiresAt);
        holds.put(key.toString(), new Look.Found<>(shown));
    }

    private void refused(List<String> cart) {
        var key = UUID.randomUUID();
        deals.add(
                new Deal(intent(Repeat.ONCE, cart), key, List.of(new Told.Refused(false)), false, new Ended.Nothing()));
        holds.put(key.toString(), new Look.Missing<>());
    }

    private static HoldSeen hold(UUID id, State state, Instant expiresAt) {
        return new HoldSeen(id.toString(), state, List.of(new Line("a", "main", 1)), expiresAt);
    }

    private static Intent intent(Repeat repeat, List<String> cart) {
        return new Intent(0, cart, repeat, Ending.ABANDON, 0, 0);
    }

    /** Shelves that were not set by the test show what buyers were told, with a ledger too long to be read. */
    private Evidence evidence() {
        var supply = new Supply(units);
        var bare = new Evidence(supply, deals, holds, Map.of(), new Invariants(true, List.of()), NOW);
        var accounts = Accounts.of(bare);
        var shown = new LinkedHashMap<>(stock);
        units.forEach((sku, there) -> shown.putIfAbsent(
                sku, shelf(there, accounts.of(sku).held(), accounts.of(sku).confirmed())));
        return new Evidence(supply, deals, holds, shown, new Invariants(true, List.of()), NOW);
    }

    private static Shelf shelf(long onHand, long held, long allocated) {
        return new Shelf(level(onHand, held, allocated, 9), new LedgerSeen(List.of(), false), null);
    }

    private static LevelSeen level(long onHand, long held, long allocated, long version) {
        long available = onHand - held - allocated;
        return new LevelSeen(onHand, held, allocated, 0, 0, 0, available, available, version);
    }

    private static long[] move(long onHand, long held) {
        return new long[] {onHand, held};
    }

    private static LedgerSeen ledger(long[]... newestFirst) {
        var movements = new ArrayList<LedgerSeen.Movement>();
        for (int i = 0; i < newestFirst.length; i++) {
            movements.add(new LedgerSeen.Movement(
                    newestFirst.length - i,
                    "RECEIVE",
                    "?",
                    newestFirst[i][0],
                    newestFirst[i][1],
                    0,
                    0,
                    newestFirst.length - i));
        }
        return new LedgerSeen(movements, true);
    }

    private List<String> failed() {
        return checks().stream().filter(check -> !check.ok()).map(Check::name).toList();
    }

    private Check check(String name) {
        return checks().stream().filter(c -> c.name().equals(name)).findFirst().orElseThrow();
    }

    private List<Check> checks() {
        var evidence = evidence();
        return Checks.all(evidence, Accounts.of(evidence));
    }
}
