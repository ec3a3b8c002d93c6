package dev.holdfast.storm;

import dev.holdfast.storm.Errand.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** Everything {@code storm checkout} will do, fixed by scenario and seed before the first request is sent. */
record CheckoutPlan(CheckoutScenario scenario, String runId, Assortment assortment, Supply supply) {

    static final int DECK = 100;
    static final int LINES_MAX = 3;
    static final int QUANTITY_MAX = 2;
    private static final String ACTION = "tok_requires_action";

    /** Of every hundred, so that a small storm has each kind too. */
    private static final List<Kind> KINDS = deck(Map.ofEntries(
            Map.entry(Kind.BUY, 19),
            Map.entry(Kind.BUY_AGAIN, 6),
            Map.entry(Kind.BUY_TOGETHER, 6),
            Map.entry(Kind.BUY_LOST, 6),
            Map.entry(Kind.BUY_IN_TWO_TABS, 8),
            Map.entry(Kind.CANCEL_CHECKOUT, 6),
            Map.entry(Kind.CANCEL_ORDER, 5),
            Map.entry(Kind.SHIP_ORDER, 5),
            Map.entry(Kind.RETURN_PART, 4),
            Map.entry(Kind.TRANSFER, 3),
            Map.entry(Kind.TRANSFER_LATE, 2),
            Map.entry(Kind.ACT, 3),
            Map.entry(Kind.ACT_LATE, 2),
            Map.entry(Kind.NEVER_ACT, 2),
            Map.entry(Kind.CHANGE_CART, 3),
            Map.entry(Kind.LEAVE_HOLD, 4),
            Map.entry(Kind.LEAVE_CART, 2),
            Map.entry(Kind.LEAVE_CHECKOUT, 2),
            Map.entry(Kind.SELL, 6),
            Map.entry(Kind.SELL_LOST, 2),
            Map.entry(Kind.SELL_OFFLINE, 2),
            Map.entry(Kind.SELL_AFTER_LEASE, 2)));

    /** How often each way to pay, of a hundred who have none of their own. The times are short of a second or two: what counts is the order of things. */
    private static final List<String> TOKENS = deck(Map.ofEntries(
            Map.entry("tok_approve", 58),
            Map.entry("tok_decline", 8),
            Map.entry("tok_insufficient_funds", 8),
            Map.entry("tok_slow:500", 6),
            Map.entry("tok_duplicate_callback", 6),
            Map.entry("tok_callback_first", 6),
            Map.entry("tok_timeout_then_success:1000", 3),
            Map.entry("tok_timeout_then_failure:1000", 3),
            Map.entry("tok_provider_down:2000", 2)));

    static CheckoutPlan of(CheckoutScenario scenario, String runId) {
        var assortment = Assortment.of(scenario.skus(), 1, scenario.seed(), runId);
        return new CheckoutPlan(scenario, runId, assortment, Plan.spread(scenario.units(), assortment.skus()));
    }

    List<Errand> errands() {
        var skus = assortment.skus();
        var errands = new ArrayList<Errand>(scenario.buyers());
        for (int from = 0; from < scenario.buyers(); from += DECK) {
            var deck = new ArrayList<>(KINDS);
            Collections.shuffle(deck, new Random(scenario.seed() + from)); // once for its hundred errands
            for (int i = from; i < Math.min(scenario.buyers(), from + DECK); i++) {
                errands.add(errand(i, deck.get(i - from), skus));
            }
        }
        return errands;
    }

    private Errand errand(int number, Kind kind, List<String> skus) {
        var random = new SplittableRandom(scenario.seed() * 0x9E37_79B9_7F4A_7C15L + number);
        var units = new LinkedHashMap<String, Long>();
        Plan.distinct(random.nextInt(1, LINES_MAX + 1), skus, random)
                .forEach(sku -> units.put(sku, random.nextLong(1, QUANTITY_MAX + 1)));
        if (kind == Kind.RETURN_PART) { // so that some are kept
            units.put(units.keySet().iterator().next(), Errand.RESTOCKED + Errand.WRITTEN_OFF + 1);
        }
        var token = token(kind, TOKENS.get(random.nextInt(DECK)), number);
        var channel = kind.tillMode() != null ? "till" : random.nextBoolean() ? "web" : "mobile";
        boolean draw = random.nextBoolean();
        boolean isCart = switch (kind) {
            case BUY_IN_TWO_TABS, CHANGE_CART, LEAVE_CART, LEAVE_CHECKOUT -> true;
            case TRANSFER_LATE, ACT_LATE, LEAVE_HOLD, SELL, SELL_LOST, SELL_OFFLINE, SELL_AFTER_LEASE -> false;
            case BUY,
                    BUY_AGAIN,
                    BUY_TOGETHER,
                    BUY_LOST,
                    CANCEL_CHECKOUT,
                    CANCEL_ORDER,
                    SHIP_ORDER,
                    RETURN_PART,
                    TRANSFER,
                    ACT,
                    NEVER_ACT -> draw;
        };
        // The run id is in the keys, so that two runs with one seed at the same millisecond do not share them.
        return new Errand(
                number, kind, channel, isCart, units, token, random.nextLong() ^ runId.hashCode(), random.nextLong());
    }

    /** @param drawn for who may pay in any way */
    private String token(Kind kind, String drawn, int number) {
        return switch (kind) {
            case RETURN_PART -> "tok_approve";
            case TRANSFER -> "tok_transfer:1000";
            case TRANSFER_LATE -> "tok_transfer:" + scenario.late().toMillis();
            case ACT, ACT_LATE, NEVER_ACT -> ACTION;
            case CHANGE_CART -> number % 2 == 0 ? ACTION : "tok_timeout_then_success:2000";
            case BUY,
                    BUY_AGAIN,
                    BUY_TOGETHER,
                    BUY_LOST,
                    BUY_IN_TWO_TABS,
                    CANCEL_CHECKOUT,
                    CANCEL_ORDER,
                    SHIP_ORDER,
                    LEAVE_HOLD,
                    LEAVE_CART,
                    LEAVE_CHECKOUT,
                    SELL,
                    SELL_LOST,
                    SELL_OFFLINE,
                    SELL_AFTER_LEASE -> drawn;
        };
    }

    /** Each as often as it says, in an order that does not depend on the map's. */
    private static <T extends Comparable<T>> List<T> deck(Map<T, Integer> counts) {
        var deck = new ArrayList<T>(DECK);
        new TreeMap<>(counts).forEach((one, count) -> deck.addAll(Collections.nCopies(count, one)));
        return List.copyOf(deck);
    }

    /** By SKU. */
    Map<String, Long> pricesMinor() {
        var prices = new LinkedHashMap<String, Long>();
        assortment.items().forEach(item -> prices.putAll(item.pricesMinor()));
        return prices;
    }
}
