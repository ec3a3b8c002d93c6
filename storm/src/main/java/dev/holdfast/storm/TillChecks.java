package dev.holdfast.storm;

import dev.holdfast.storm.Check.Findings;
import dev.holdfast.storm.Trip.Mode;
import dev.holdfast.storm.Trip.Sale;
import dev.holdfast.storm.Trip.SaleTold.Sold;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;

/** Whether what tills sold without a network counts as they were told. Pure, as {@link CheckoutChecks}, of which it is a part. */
final class TillChecks {

    private final List<Sale> offline;
    private final Books books;

    TillChecks(List<Trip> trips, Books books) {
        this.offline = trips.stream()
                .flatMap(trip -> trip.sales().stream())
                .filter(Sale::isOffline)
                .toList();
        this.books = books;
    }

    /** Units of a SKU that the books did not have when a till told that they were sold. */
    long found(String sku) {
        return sum(sku, Sold::found);
    }

    /** Units of a SKU that were promised to others when a till told that they were sold: no more than these may be short. */
    long shortfall(String sku) {
        return sum(sku, Sold::shortfall);
    }

    private long sum(String sku, ToLongFunction<Sold> units) {
        return offline.stream()
                .filter(sale -> sale.units().containsKey(sku))
                .flatMap(sale -> sale.sold().stream())
                .mapToLong(units)
                .sum();
    }

    Check countOnce() {
        var findings = new Findings();
        for (var sale : offline) {
            var sold = sale.sold();
            if (sold.isEmpty() || !isRight(sale, sold.get())) {
                findings.add("sale %s of %s was told %s".formatted(sale.id(), sale.units(), sale.told()));
            } else {
                sale.units()
                        .keySet()
                        .forEach(sku -> recorded(sku, sale, sold.get()).ifPresent(findings::add));
            }
        }
        long late =
                offline.stream().filter(sale -> sale.mode() == Mode.AFTER_LEASE).count();
        return findings.judged(offline.size(), "sales made offline")
                .named(
                        "what a till sold offline counts once, as it was told",
                        "%,d sales, %,d after their lease".formatted(offline.size(), late));
    }

    /** Every time the same; of its lease, all of it, unless that had ended, or was physically taken by one that had. */
    private boolean isRight(Sale sale, Sold sold) {
        long quantity = sale.quantity();
        boolean isSame = sale.told().stream().allMatch(sold::equals);
        boolean isLeased = sold.leased() == quantity && sold.shortfall() == 0;
        boolean mayBeFound = sale.units().keySet().stream().anyMatch(sku -> shortfall(sku) > 0);
        boolean isPossible = sold.leased() + sold.shortfall() <= quantity && sold.found() <= quantity;
        return isSame
                && switch (sale.mode()) {
                    case ONLINE -> throw new IllegalStateException("not offline: " + sale);
                    case WITHIN_LEASE -> isLeased && (sold.found() == 0 || (mayBeFound && isPossible));
                    case AFTER_LEASE -> isPossible;
                };
    }

    /** What the ledger says of it instead; empty if it says the same, or is too long to be read. */
    private Optional<String> recorded(String sku, Sale sale, Sold sold) {
        var shelf = books.stock().get(sku);
        if (shelf == null || shelf.ledger() == null || !shelf.ledger().complete()) {
            return Optional.empty();
        }
        var movements = shelf.ledger().newestFirst().stream()
                .filter(movement -> movement.cause().equals(sale.id().toString()))
                .toList();
        long onHand =
                movements.stream().mapToLong(LedgerSeen.Movement::onHandDelta).sum();
        long held = movements.stream().mapToLong(LedgerSeen.Movement::heldDelta).sum();
        long shortfall = movements.stream()
                .mapToLong(LedgerSeen.Movement::shortfallDelta)
                .sum();
        boolean right = onHand == sold.found() - sale.quantity()
                && held == -sold.leased()
                && Math.max(0, shortfall) == sold.shortfall();
        return right
                ? Optional.empty()
                : Optional.of("sale %s of %s was told %s; in the ledger it is %s"
                        .formatted(sale.id(), sale.units(), sold, movements));
    }
}
