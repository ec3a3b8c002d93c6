package dev.holdfast.storm;

import dev.holdfast.storm.Errand.Kind;
import dev.holdfast.storm.Evidence.Invariants;
import dev.holdfast.storm.Evidence.Shelf;
import dev.holdfast.storm.Trip.Attempt;
import dev.holdfast.storm.Trip.Mode;
import dev.holdfast.storm.Trip.Sale;
import dev.holdfast.storm.Trip.SaleTold;
import dev.holdfast.storm.Trip.Then;
import dev.holdfast.storm.Trip.Told;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** The judgement alone: a storm whose books are right, and then one of them wrong after the other. */
class CheckoutChecksTest {

    private static final String MONEY = "money kept = orders paid";
    private static final String ONCE = "no buyer is charged twice, or another price";
    private static final String TOLD = "who was told 'paid' has a paid order, and nobody else";
    private static final String ONE_KEY = "one key, one checkout, and it ends as told";
    private static final String NOT_MORE = "never more sold than there was";
    private static final String STOCK = "stock = orders and sales";
    private static final String TILLS = "what a till sold offline counts once, as it was told";
    private static final String LIMBO = "nothing is left in limbo";
    private static final String LEDGER = "the ledger has no gap and sums to the level";
    private static final String INVARIANTS = "the server's own invariants hold";

    private static final String SKU = "a";
    private static final Map<String, Long> UNITS = Map.of(SKU, 2L);
    private static final long PRICE = 500;
    private static final Told PAID = new Told.Paid(2 * PRICE);
    private static final Told DECLINED = new Told.Unpaid("DECLINED");
    private static final SaleTold SETTLED = new SaleTold.Sold(1, 0, 0);

    private final UUID paid = UUID.randomUUID();
    private final UUID declined = UUID.randomUUID();
    private final List<Trip> trips = new ArrayList<>();
    private final Map<UUID, Look<CheckoutSeen>> checkouts = new HashMap<>();
    private final Map<UUID, Look<PaymentSeen>> payments = new HashMap<>();
    private final Map<String, OrderSeen> orders = new HashMap<>();
    private final List<String> unread = new ArrayList<>();
    private long units = 10;
    private Shelf shelf = shelf(level(9, 0, 2, 0));
    private Invariants invariants = new Invariants(true, List.of());

    /** Of ten units two are in a paid order and one is sold offline; a second buyer was declined. */
    @BeforeEach
    void rightBooks() {
        trips.add(Trip.of(errand(), new Attempt(paid, UNITS, List.of(PAID, PAID), false, Then.NOTHING)));
        trips.add(Trip.of(errand(), new Attempt(declined, UNITS, List.of(DECLINED), false, Then.NOTHING)));
        trips.add(Trip.of(errand(), List.of(offline(SETTLED, SETTLED))));
        checkouts.put(paid, checkout(paid, "COMPLETED"));
        checkouts.put(declined, checkout(declined, "DECLINED"));
        payments.put(paid, payment("captured", 2 * PRICE, 0));
        payments.put(declined, payment("declined", 0, 0));
        order(paid, "PAID", 2, 0, 0);
    }

    @Test
    void right_books_pass() {
        assertThat(failed()).isEmpty();
        assertThat(check(MONEY).note()).isEqualTo("10.00 EUR, 1 orders");
    }

    @Test
    void of_nothing_nothing_is_proven() {
        trips.clear();
        checkouts.clear();
        payments.clear();
        orders.clear();
        shelf = shelf(level(10, 0, 0, 0));
        assertThat(failed()).containsExactly(MONEY, ONCE, TOLD, ONE_KEY, NOT_MORE, TILLS, LIMBO);
    }

    @Test
    void money_without_an_order_is_found() {
        payments.put(declined, payment("captured", 2 * PRICE, 0));
        assertThat(failed()).containsExactly(MONEY);
    }

    @Test
    void an_order_without_money_is_found() {
        payments.put(paid, payment("voided", 0, 0));
        assertThat(failed()).contains(MONEY);
        payments.put(paid, new Look.Missing<>());
        assertThat(failed()).contains(MONEY);
    }

    @Test
    void a_refund_that_was_not_made_is_found() {
        trips.set(0, Trip.of(errand(), new Attempt(paid, UNITS, List.of(PAID, PAID), false, Then.CANCELLED)));
        order(paid, "REFUNDED", 0, 0, 2);
        shelf = shelf(level(9, 0, 0, 0));
        assertThat(failed()).containsExactly(MONEY);
        payments.put(paid, payment("refunded", 2 * PRICE, 2 * PRICE));
        assertThat(failed()).containsExactly(MONEY); // by then nothing is paid: nothing to judge
    }

    @Test
    void one_cart_paid_in_both_tabs_is_found() {
        var other = UUID.randomUUID();
        trips.set(
                0,
                Trip.of(
                        errand(),
                        new Attempt(paid, UNITS, List.of(PAID, PAID), false, Then.NOTHING),
                        new Attempt(other, UNITS, List.of(PAID), false, Then.NOTHING)));
        checkouts.put(other, checkout(other, "COMPLETED"));
        payments.put(other, payment("captured", 2 * PRICE, 0));
        order(other, "PAID", 2, 0, 0);
        shelf = shelf(level(9, 0, 4, 0));
        assertThat(failed()).containsExactly(ONCE);
    }

    @Test
    void another_price_is_found() {
        payments.put(paid, payment("captured", 3 * PRICE, 0));
        assertThat(failed()).containsExactly(MONEY, ONCE);
    }

    @Test
    void a_paid_buyer_without_an_order_is_found() {
        orders.clear();
        assertThat(failed()).contains(TOLD);
    }

    @Test
    void an_order_of_a_declined_buyer_is_found() {
        order(declined, "PAID", 2, 0, 0);
        payments.put(declined, payment("captured", 2 * PRICE, 0));
        shelf = shelf(level(9, 0, 4, 0));
        assertThat(failed()).containsExactly(MONEY, TOLD);
    }

    @Test
    void an_order_that_nobody_asked_for_is_found() {
        order(UUID.randomUUID(), "PAID", 1, 0, 0);
        shelf = shelf(level(9, 0, 3, 0));
        assertThat(failed()).containsExactly(TOLD);
    }

    @Test
    void an_order_of_other_units_is_found() {
        order(paid, "PAID", 1, 0, 0);
        assertThat(failed()).contains(TOLD);
    }

    @Test
    void a_shipment_or_cancellation_that_is_forgotten_is_found() {
        for (var then : List.of(Then.CANCELLED, Then.SHIPPED)) {
            trips.set(0, Trip.of(errand(), new Attempt(paid, UNITS, List.of(PAID, PAID), false, then)));
            assertThat(failed()).contains(TOLD);
        }
    }

    /** Its units were given back, or its buyer never agreed. */
    @Test
    void a_revoked_checkout_that_is_paid_is_found() {
        trips.set(0, Trip.of(errand(), new Attempt(paid, UNITS, List.of(PAID, PAID), false, Then.REVOKED)));
        assertThat(failed()).containsExactly(TOLD);
    }

    @Test
    void money_that_came_too_late_went_back_and_the_buyer_knows() {
        for (var end : List.of("REFUNDED", "CANCELLED")) {
            var told = List.<Told>of(new Told.Unpaid(end));
            trips.set(1, Trip.of(errand(), new Attempt(declined, UNITS, told, false, Then.REVOKED)));
            checkouts.put(declined, checkout(declined, end));
            boolean isRefunded = end.equals("REFUNDED");
            payments.put(declined, payment("refunded", 2 * PRICE, 2 * PRICE));
            assertThat(failed().contains(MONEY)).as(end).isEqualTo(!isRefunded);
            payments.put(declined, payment("voided", 0, 0));
            assertThat(failed().contains(MONEY)).as(end).isEqualTo(isRefunded);
        }
        checkouts.put(declined, checkout(declined, "REFUNDED"));
        payments.put(declined, payment("captured", 2 * PRICE, 0));
        assertThat(failed()).contains(MONEY);
    }

    @Test
    void what_is_paid_for_a_changed_cart_is_what_is_in_it_then() {
        var second = UUID.randomUUID();
        var one = Map.of(SKU, 1L);
        var before = new Attempt(declined, UNITS, List.of(new Told.Unpaid("CANCELLED")), false, Then.REVOKED);
        var after = new Attempt(second, one, List.of(new Told.Paid(PRICE)), false, Then.NOTHING);
        trips.set(1, Trip.of(errand(), before, after));
        checkouts.put(declined, checkout(declined, "CANCELLED"));
        checkouts.put(second, checkout(second, "COMPLETED"));
        payments.put(second, payment("captured", PRICE, 0));
        order(second, "PAID", 1, 0, 0);
        shelf = shelf(level(9, 0, 3, 0));
        assertThat(failed()).isEmpty();
        order(second, "PAID", 2, 0, 0);
        payments.put(second, payment("captured", 2 * PRICE, 0));
        shelf = shelf(level(9, 0, 4, 0));
        assertThat(failed()).containsExactly(ONCE, TOLD);
    }

    /** Of three that were shipped one is on the shelf again, one written off, one kept. */
    @Test
    void what_was_sent_back_is_paid_back_and_counted_once() {
        var three = Map.of(SKU, 3L);
        var told = List.<Told>of(new Told.Paid(3 * PRICE), new Told.Paid(3 * PRICE));
        trips.set(0, Trip.of(errand(), new Attempt(paid, three, told, false, Then.RETURNED)));
        payments.put(paid, payment("refunded", 3 * PRICE, 2 * PRICE));
        sentBack(2);
        shelf = shelf(level(7, 0, 0, 0));
        assertThat(failed()).isEmpty();

        shelf = shelf(level(8, 0, 0, 0)); // what was written off is on the shelf
        assertThat(failed()).containsExactly(STOCK);
        shelf = shelf(level(7, 0, 0, 0));
        payments.put(paid, payment("refunded", 3 * PRICE, PRICE));
        assertThat(failed()).containsExactly(MONEY);
        payments.put(paid, payment("refunded", 3 * PRICE, 3 * PRICE));
        sentBack(3); // one of them twice
        assertThat(failed()).contains(TOLD);
    }

    private void sentBack(long returned) {
        var line = new OrderSeen.Line(SKU, PRICE, 3, 0, 3 - returned, 0, returned);
        orders.put(paid.toString(), order(paid, "SHIPPED", List.of(line), 0));
    }

    @Test
    void a_cart_that_is_bought_has_a_buyer_who_was_told() {
        var elsewhere = List.<Told>of(new Told.Refused(Cashier.BOUGHT, false));
        var refused = new Attempt(UUID.randomUUID(), UNITS, elsewhere, false, Then.NOTHING);
        trips.set(0, Trip.of(errand(), new Attempt(paid, UNITS, List.of(PAID, PAID), false, Then.NOTHING), refused));
        assertThat(failed()).isEmpty();
        trips.add(Trip.of(errand(), refused));
        assertThat(failed()).containsExactly(TOLD);
    }

    @Test
    void a_cart_that_could_not_be_changed_because_it_is_bought_is_bought() {
        var first = new Attempt(declined, UNITS, List.of(DECLINED), false, Then.NOTHING);
        trips.set(1, Trip.of(errand(), first.told(new Told.Refused(Cashier.BOUGHT, false))));
        assertThat(failed()).containsExactly(TOLD);
    }

    @Test
    void orders_that_cannot_be_read_are_not_right() {
        unread.add("a: answered 500");
        assertThat(failed()).containsExactly(TOLD);
    }

    /** Who went away does not know whether it is paid, and who was refused after a lost answer neither. */
    @Test
    void who_does_not_know_may_have_an_order_or_not() {
        for (var attempt : List.of(
                new Attempt(declined, UNITS, List.of(), false, Then.NOTHING),
                new Attempt(declined, UNITS, List.of(new Told.Refused(Cashier.TOO_FEW, false)), true, Then.NOTHING),
                new Attempt(declined, UNITS, List.of(new Told.Refused(Cashier.TOO_FEW, true)), false, Then.NOTHING))) {
            trips.set(1, Trip.of(errand(), attempt));
            assertThat(failed()).isEmpty();
        }
        checkouts.put(declined, checkout(declined, "COMPLETED"));
        order(declined, "PAID", 2, 0, 0);
        payments.put(declined, payment("captured", 2 * PRICE, 0));
        shelf = shelf(level(9, 0, 4, 0));
        assertThat(failed()).isEmpty();
    }

    @Test
    void a_key_with_two_ends_is_found() {
        trips.set(0, Trip.of(errand(), new Attempt(paid, UNITS, List.of(PAID, DECLINED), false, Then.NOTHING)));
        assertThat(failed()).containsExactly(ONE_KEY);
    }

    @Test
    void a_checkout_that_shows_another_end_is_found() {
        checkouts.put(declined, checkout(declined, "CANCELLED"));
        assertThat(failed()).containsExactly(ONE_KEY);
        checkouts.put(declined, new Look.Missing<>());
        assertThat(failed()).containsExactly(ONE_KEY);
    }

    @Test
    void a_refused_checkout_that_exists_is_found() {
        trips.set(
                1,
                Trip.of(
                        errand(),
                        new Attempt(
                                declined,
                                UNITS,
                                List.of(new Told.Refused(Cashier.TOO_FEW, false)),
                                false,
                                Then.NOTHING)));
        assertThat(failed()).containsExactly(ONE_KEY);
    }

    @Test
    void more_sold_than_there_was_is_found() {
        units = 2;
        shelf = shelf(level(1, 0, 2, 0));
        assertThat(failed()).containsExactly(NOT_MORE, STOCK);
    }

    @Test
    void stock_that_is_not_what_orders_and_sales_say_is_found() {
        for (var wrong : List.of(level(10, 0, 2, 0), level(8, 0, 2, 0), level(9, 0, 1, 0), level(9, 0, 3, 0))) {
            shelf = shelf(wrong);
            assertThat(failed()).as(wrong.toString()).containsExactly(STOCK);
        }
        shelf = shelf(level(9, 0, 2, 1));
        assertThat(failed()).containsExactly(STOCK);
        shelf = new Shelf(null, null, "answered 500");
        assertThat(failed()).contains(STOCK);
    }

    @Test
    void what_was_shipped_has_left_the_shelf() {
        trips.set(0, Trip.of(errand(), new Attempt(paid, UNITS, List.of(PAID, PAID), false, Then.SHIPPED)));
        order(paid, "SHIPPED", 0, 2, 0);
        assertThat(failed()).containsExactly(STOCK);
        shelf = shelf(level(7, 0, 0, 0));
        assertThat(failed()).isEmpty();
    }

    @Test
    void a_sale_of_which_nobody_knows_may_count_or_not() {
        var unsure = new Sale(UUID.randomUUID(), UNITS, Mode.ONLINE, List.of(new SaleTold.Refused(true)));
        trips.add(Trip.of(errand(), List.of(unsure)));
        for (long onHand : new long[] {9, 7}) {
            shelf = shelf(level(onHand, 0, 2, 0));
            assertThat(failed()).isEmpty();
        }
        shelf = shelf(level(6, 0, 2, 0));
        assertThat(failed()).containsExactly(STOCK);
    }

    @Test
    void an_offline_sale_outside_its_lease_or_refused_is_found() {
        for (var wrong : List.of(
                new SaleTold.Sold(0, 0, 0),
                new SaleTold.Sold(1, 1, 0),
                new SaleTold.Sold(1, 0, 1),
                new SaleTold.Unknown("refused"))) {
            trips.set(2, Trip.of(errand(), List.of(offline(SETTLED, wrong))));
            assertThat(failed()).containsExactly(TILLS);
        }
    }

    /** Nobody had needed the unit of the lease; it was there; the books did not have it; it was promised to somebody else. */
    @Test
    void a_sale_after_its_lease_is_what_the_ledger_says() {
        var told = List.of(
                new SaleTold.Sold(1, 0, 0),
                new SaleTold.Sold(0, 0, 0),
                new SaleTold.Sold(0, 1, 0),
                new SaleTold.Sold(0, 0, 1));
        for (var recorded : told) {
            for (var one : told) {
                var sale = sale(Mode.AFTER_LEASE, one, one);
                trips.set(2, Trip.of(errand(), List.of(sale)));
                shelf = new Shelf(level(9, 0, 2, 0), new LedgerSeen(List.of(movement(sale, recorded)), true), null);
                assertThat(check(TILLS).ok())
                        .as("told %s, recorded %s", one, recorded)
                        .isEqualTo(one.equals(recorded));
            }
        }
    }

    private static LedgerSeen.Movement movement(Sale sale, SaleTold.Sold recorded) {
        var cause = sale.id().toString();
        return new LedgerSeen.Movement(
                2, "SELL", cause, recorded.found() - 1, -recorded.leased(), 0, recorded.shortfall(), 2);
    }

    /** Of two units both are in a paid order; a till has one of them. */
    @Test
    void a_shortfall_is_what_the_tills_were_told() {
        var told = new SaleTold.Sold(0, 0, 1);
        units = 2;
        afterLease(told);
        shelf = shelf(level(1, 0, 2, 1));
        assertThat(failed()).isEmpty();

        shelf = shelf(level(1, 0, 2, 0));
        assertThat(failed()).containsExactly(STOCK);
        shelf = shelf(level(1, 0, 2, 2));
        assertThat(failed()).containsExactly(STOCK);
        afterLease(new SaleTold.Sold(0, 0, 0));
        shelf = shelf(level(1, 0, 2, 1));
        assertThat(failed()).containsExactly(NOT_MORE, STOCK);
    }

    /** Only there, and only as long as it is on the shelf. */
    @Test
    void a_parcel_waits_for_units_that_a_till_took() {
        trips.set(0, Trip.of(errand(), new Attempt(paid, UNITS, List.of(PAID, PAID), false, Then.SHORT)));
        assertThat(failed()).containsExactly(TOLD);
        units = 2;
        afterLease(new SaleTold.Sold(0, 0, 1));
        shelf = shelf(level(1, 0, 2, 1));
        assertThat(failed()).isEmpty();
    }

    /** What a lease had may be gone from the shelf where another till has taken what was promised; nowhere else. */
    @Test
    void a_lease_whose_units_were_taken_is_settled_with_found_ones() {
        var found = offline(new SaleTold.Sold(1, 1, 0));
        trips.set(2, Trip.of(errand(), List.of(found)));
        shelf = shelf(level(10, 0, 2, 0));
        assertThat(failed()).containsExactly(TILLS);
        var late = sale(Mode.AFTER_LEASE, new SaleTold.Sold(0, 0, 1));
        trips.add(Trip.of(errand(), List.of(late)));
        shelf = shelf(level(9, 0, 2, 0));
        assertThat(failed()).isEmpty();
    }

    @Test
    void what_has_not_ended_is_found() {
        shelf = shelf(level(9, 1, 2, 0));
        assertThat(failed()).containsExactly(LIMBO);
        shelf = shelf(level(9, 0, 2, 0));

        var left = UUID.randomUUID();
        checkouts.put(left, checkout(left, "PENDING"));
        assertThat(failed()).containsExactly(LIMBO);
        checkouts.put(left, new Look.Unreadable<>("answered 500"));
        assertThat(failed()).containsExactly(LIMBO);
        checkouts.remove(left);

        payments.put(declined, payment("authorized", 0, 0));
        assertThat(failed()).containsExactly(LIMBO);
        payments.put(declined, payment("declined", 0, 0));

        orders.put(paid.toString(), order(paid, "PAID", List.of(line(2, 0, 0)), 1));
        assertThat(failed()).containsExactly(LIMBO);
        orders.put(paid.toString(), order(paid, "PLACED", List.of(line(2, 0, 0)), 0));
        assertThat(failed()).contains(LIMBO);
    }

    @Test
    void the_ledger_and_the_servers_own_verdict_count() {
        var movements = List.of(new LedgerSeen.Movement(2, "RECEIVE", "?", 9, 0, 2, 0, 1));
        shelf = new Shelf(level(9, 0, 2, 0), new LedgerSeen(movements, true), null);
        assertThat(failed()).containsExactly(TILLS, LEDGER);
        shelf = shelf(level(9, 0, 2, 0));
        invariants = new Invariants(false, List.of());
        assertThat(failed()).containsExactly(INVARIANTS);
    }

    private static Errand errand() {
        return new Errand(0, Kind.BUY, "web", false, UNITS, "tok_approve", 0, 0);
    }

    private void afterLease(SaleTold told) {
        trips.set(2, Trip.of(errand(), List.of(sale(Mode.AFTER_LEASE, told, told))));
    }

    private static Sale offline(SaleTold... told) {
        return sale(Mode.WITHIN_LEASE, told);
    }

    private static Sale sale(Mode mode, SaleTold... told) {
        return new Sale(UUID.randomUUID(), Map.of(SKU, 1L), mode, List.of(told));
    }

    private static Look<CheckoutSeen> checkout(UUID key, String state) {
        return new Look.Found<>(new CheckoutSeen(key.toString(), state, 2 * PRICE));
    }

    private static Look<PaymentSeen> payment(String state, long capturedMinor, long refundedMinor) {
        return new Look.Found<>(new PaymentSeen(state, capturedMinor, refundedMinor));
    }

    private void order(UUID key, String state, long allocated, long gone, long back) {
        orders.put(key.toString(), order(key, state, List.of(line(allocated, gone, back)), 0));
    }

    private static OrderSeen order(UUID key, String state, List<OrderSeen.Line> lines, long refundsDue) {
        return new OrderSeen(key.toString(), state, key.toString(), lines, refundsDue);
    }

    private static OrderSeen.Line line(long allocated, long gone, long back) {
        return new OrderSeen.Line(SKU, PRICE, allocated + gone + back, allocated, gone, back, 0);
    }

    private static LevelSeen level(long onHand, long held, long allocated, long shortfall) {
        long available = onHand - held - allocated + shortfall;
        return new LevelSeen(onHand, held, allocated, 0, 0, shortfall, available, available, 9);
    }

    /** With a ledger too long to be read. */
    private static Shelf shelf(LevelSeen level) {
        return new Shelf(level, new LedgerSeen(List.of(), false), null);
    }

    private List<String> failed() {
        return checks().stream().filter(check -> !check.ok()).map(Check::name).toList();
    }

    private Check check(String name) {
        return checks().stream().filter(c -> c.name().equals(name)).findFirst().orElseThrow();
    }

    private List<Check> checks() {
        var books = new Books(checkouts, payments, orders, unread, Map.of(SKU, shelf), invariants);
        return CheckoutChecks.all(trips, books, new Supply(Map.of(SKU, units)), Map.of(SKU, PRICE));
    }
}
