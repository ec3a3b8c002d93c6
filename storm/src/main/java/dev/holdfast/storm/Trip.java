package dev.holdfast.storm;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * One errand and everything that was told on the way.
 *
 * @param attempts checkouts; two of one cart in two tabs, or before and after it was changed
 * @param sales at a till
 */
record Trip(Errand errand, List<Attempt> attempts, List<Sale> sales) {

    /** What a shopper was told about a checkout. */
    sealed interface Told {

        record Paid(long totalMinor) implements Told {}

        /** It ended without an order. */
        record Unpaid(String state) implements Told {}

        /**
         * Nothing came of it, not even a checkout.
         *
         * @param uncertain an earlier sending may have arrived and may still be decided
         */
        record Refused(String code, boolean uncertain) implements Told {}

        /** No answer, or one that the contract does not know. Counted as an error. */
        record Unknown(String why) implements Told {}
    }

    /** What was done to a checkout or its order, and acknowledged. */
    enum Then {
        NOTHING,
        /** Under way: its units were given back, or its buyer never agreed to pay. Nothing may come of it. */
        REVOKED,
        CANCELLED,
        SHIPPED,
        /** Could not be shipped: a till had sold what was promised. */
        SHORT,
        /** Shipped, and a part of it came back. */
        RETURNED
    }

    /**
     * A checkout, which has its key for an id.
     *
     * @param units by SKU: what is paid for
     * @param told for each asking; empty: went away while it was under way
     * @param lost an asking was sent whose answer was lost on purpose
     */
    record Attempt(UUID key, Map<String, Long> units, List<Told> told, boolean lost, Then then) {

        Attempt then(Then next) {
            return new Attempt(key, units, told, lost, next);
        }

        /** And this as well. */
        Attempt told(Told another) {
            var all = new ArrayList<>(told);
            all.add(another);
            return new Attempt(key, units, List.copyOf(all), lost, then);
        }

        /** What it costs. */
        long priceMinor(Map<String, Long> pricesMinor) {
            return units.entrySet().stream()
                    .mapToLong(line -> line.getValue() * pricesMinor.getOrDefault(line.getKey(), 0L))
                    .sum();
        }

        boolean isPaid() {
            return told.stream().anyMatch(Told.Paid.class::isInstance);
        }

        /** The shopper does not know: it may be paid. */
        boolean isOpen() {
            return !isPaid()
                    && (told.isEmpty()
                            || told.stream().anyMatch(one -> switch (one) {
                                case Told.Refused refused -> lost || refused.uncertain();
                                case Told.Unknown _ -> true;
                                case Told.Paid _, Told.Unpaid _ -> false;
                            }));
        }
    }

    /** What a till was told about a sale. */
    sealed interface SaleTold {

        /**
         * It counts. The numbers are of all its units; 0 unless it was settled.
         *
         * @param leased units that the lease had
         * @param found units that the books did not have
         * @param shortfall units that others had been promised
         */
        record Sold(long leased, long found, long shortfall) implements SaleTold {}

        record Refused(boolean uncertain) implements SaleTold {}

        record Unknown(String why) implements SaleTold {}
    }

    /** How a till sold. */
    enum Mode {
        ONLINE,
        /** Without a network, told while the lease was alive. */
        WITHIN_LEASE,
        /** Without a network, told when the lease had ended. */
        AFTER_LEASE
    }

    /**
     * @param units by SKU; one SKU if it was made offline
     * @param told for each telling
     */
    record Sale(UUID id, Map<String, Long> units, Mode mode, List<SaleTold> told) {

        boolean isOffline() {
            return mode != Mode.ONLINE;
        }

        /** What was told of it first, if it counts. */
        Optional<SaleTold.Sold> sold() {
            return told.stream()
                    .filter(SaleTold.Sold.class::isInstance)
                    .map(SaleTold.Sold.class::cast)
                    .findFirst();
        }

        boolean isSold() {
            return sold().isPresent();
        }

        /** The till does not know. */
        boolean isOpen() {
            return !isSold()
                    && told.stream().anyMatch(one -> switch (one) {
                        case SaleTold.Refused refused -> refused.uncertain();
                        case SaleTold.Unknown _ -> true;
                        case SaleTold.Sold _ -> false;
                    });
        }

        long quantity() {
            return units.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    static Trip of(Errand errand, Attempt... attempts) {
        return new Trip(errand, List.of(attempts), List.of());
    }

    static Trip of(Errand errand, List<Sale> sales) {
        return new Trip(errand, List.of(), sales);
    }
}
