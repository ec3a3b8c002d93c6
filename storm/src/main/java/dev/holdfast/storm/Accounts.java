package dev.holdfast.storm;

import dev.holdfast.storm.Deal.Ended;
import dev.holdfast.storm.HoldSeen.State;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who has what in the end, from what buyers were told. The server is asked only where a buyer does not know: an answer
 * that never came, or a hold whose time was up.
 */
final class Accounts {

    /** How a buyer left. */
    enum Exit {
        HOLDING,
        CONFIRMED,
        RELEASED,
        EXPIRED,
        REFUSED,
        FAILED
    }

    /**
     * Units of one SKU.
     *
     * @param mayLapse part of held: past its time or nearly so, the server may or may not have taken it back
     */
    record Units(long held, long mayLapse, long confirmed) {

        static final Units NONE = new Units(0, 0, 0);

        long sold() {
            return held + confirmed;
        }

        Units plus(Units more) {
            return new Units(held + more.held, mayLapse + more.mayLapse, confirmed + more.confirmed);
        }
    }

    private final Map<Exit, Long> buyers = new EnumMap<>(Exit.class);
    private final Map<String, Units> units = new HashMap<>();
    private long unitsReturned;

    private Accounts() {}

    static Accounts of(Evidence evidence) {
        var accounts = new Accounts();
        evidence.deals().forEach(deal -> accounts.add(deal, evidence));
        return accounts;
    }

    private void add(Deal deal, Evidence evidence) {
        var exit = exit(deal, evidence);
        buyers.merge(exit, 1L, Long::sum);
        var cart = deal.intent().cart();
        switch (exit) {
            case CONFIRMED -> cart.forEach(sku -> add(sku, new Units(0, 0, 1)));
            case HOLDING -> {
                boolean mayLapse = promised(deal, evidence)
                        .filter(hold -> hold.lapsedBy(evidence.readAt().plus(Buyer.CLOCKS_APART_MAX)))
                        .isPresent();
                cart.forEach(sku -> add(sku, new Units(1, mayLapse ? 1 : 0, 0)));
            }
            case RELEASED, EXPIRED -> unitsReturned += cart.size();
            case REFUSED, FAILED -> {}
        }
    }

    private void add(String sku, Units more) {
        units.merge(sku, more, Units::plus);
    }

    static Exit exit(Deal deal, Evidence evidence) {
        var seen = evidence.lookup(deal);
        var hold = deal.hold();
        if (hold.isEmpty()) {
            // Refused, or never told: only a hold that is really there makes it anything else.
            return seen.filter(Look.Found.class::isInstance).isPresent() && deal.uncertain()
                    ? exit(seen, Exit.FAILED)
                    : deal.refused() ? Exit.REFUSED : Exit.FAILED;
        }
        return switch (deal.ended()) {
            case Ended.Confirmed c -> Exit.CONFIRMED;
            case Ended.Released r -> Exit.RELEASED;
            case Ended.Lapsed l -> Exit.EXPIRED;
            case Ended.Failed f -> exit(seen, Exit.HOLDING);
            case Ended.Nothing n -> holdingOrLapsed(deal, evidence, seen);
            case Ended.Abandoned a -> holdingOrLapsed(deal, evidence, seen);
            case Ended.Extended e -> holdingOrLapsed(deal, evidence, seen);
        };
    }

    private static Exit holdingOrLapsed(Deal deal, Evidence evidence, Optional<Look<HoldSeen>> seen) {
        boolean due = promised(deal, evidence)
                .filter(hold -> hold.lapsedBy(evidence.readAt().plus(Buyer.CLOCKS_APART_MAX)))
                .isPresent();
        boolean gone = exit(seen, Exit.HOLDING) == Exit.EXPIRED;
        return due && gone ? Exit.EXPIRED : Exit.HOLDING;
    }

    private static Exit exit(Optional<Look<HoldSeen>> seen, Exit otherwise) {
        return seen.map(lookup -> switch (lookup) {
                    case Look.Found<HoldSeen> f ->
                        switch (f.it().state()) {
                            case ACTIVE -> Exit.HOLDING;
                            case CONFIRMED -> Exit.CONFIRMED;
                            case RELEASED -> Exit.RELEASED;
                            case EXPIRED -> Exit.EXPIRED;
                        };
                    case Look.Missing<HoldSeen> m -> otherwise;
                    case Look.Unreadable<HoldSeen> u -> otherwise;
                })
                .orElse(otherwise);
    }

    /** The hold with the last expiry the buyer was told; for a buyer that was told nothing, as the server shows it. */
    static Optional<HoldSeen> promised(Deal deal, Evidence evidence) {
        if (deal.ended() instanceof Ended.Extended e) {
            return Optional.of(e.hold());
        }
        return deal.hold()
                .or(() -> evidence.lookup(deal)
                        .flatMap(lookup ->
                                lookup instanceof Look.Found<HoldSeen> f ? Optional.of(f.it()) : Optional.empty()));
    }

    /** The state a hold has after this end. */
    static State toldState(Ended ended) {
        return switch (ended) {
            case Ended.Confirmed c -> State.CONFIRMED;
            case Ended.Released r -> State.RELEASED;
            case Ended.Lapsed l -> State.EXPIRED;
            case Ended.Extended e -> State.ACTIVE;
            case Ended.Abandoned a -> State.ACTIVE;
            case Ended.Nothing n -> State.ACTIVE;
            case Ended.Failed f -> State.ACTIVE;
        };
    }

    long buyers(Exit exit) {
        return buyers.getOrDefault(exit, 0L);
    }

    /** Buyers who have their units in the end, held or confirmed. */
    long sold() {
        return buyers(Exit.HOLDING) + buyers(Exit.CONFIRMED);
    }

    Units of(String sku) {
        return units.getOrDefault(sku, Units.NONE);
    }

    long unitsSold() {
        return units.values().stream().mapToLong(Units::sold).sum();
    }

    /** Units beyond what there was, over all SKUs. */
    long unitsOversold(Supply supply) {
        return supply.skus().stream()
                .mapToLong(sku -> Math.max(0, of(sku).sold() - supply.unitsOf(sku)))
                .sum();
    }

    /** Units that were promised and came back, by release or expiry: they may have been won again. */
    long unitsReturned() {
        return unitsReturned;
    }

    List<String> skusOversold(Supply supply) {
        return supply.skus().stream()
                .filter(sku -> of(sku).sold() > supply.unitsOf(sku))
                .toList();
    }
}
