package dev.holdfast.storm;

import dev.holdfast.storm.Check.Findings;
import dev.holdfast.storm.Evidence.Shelf;
import dev.holdfast.storm.Trip.Sale;
import dev.holdfast.storm.Trip.Then;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Whether units are where shoppers and tills were told that they are. Pure, as {@link CheckoutChecks}, of which it is a part. */
final class UnitChecks {

    private final List<Trip> trips;
    private final Books books;
    private final Supply supply;
    private final TillChecks tills;

    UnitChecks(List<Trip> trips, Books books, Supply supply, TillChecks tills) {
        this.tills = tills;
        this.trips = trips;
        this.books = books;
        this.supply = supply;
    }

    Check notOversold() {
        var sold = new HashMap<String, Long>();
        for (var trip : trips) {
            trip.attempts().stream()
                    .filter(attempt -> attempt.then() != Then.CANCELLED)
                    .filter(attempt -> attempt.isPaid()
                            || books.orders().containsKey(attempt.key().toString()))
                    .forEach(attempt -> attempt.units().forEach((sku, units) -> sold.merge(sku, units, Long::sum)));
            sentBack(trip).forEach(sku -> sold.merge(sku, -Errand.RESTOCKED, Long::sum));
        }
        sales().filter(Sale::isSold)
                .forEach(sale -> sale.units().forEach((sku, units) -> sold.merge(sku, units, Long::sum)));
        var findings = new Findings();
        sold.forEach((sku, units) -> {
            long there = supply.unitsOf(sku) + tills.found(sku) + tills.shortfall(sku);
            if (units > there) {
                findings.add("%s: %,d units sold, %,d there were".formatted(sku, units, there));
            }
        });
        long all = sold.values().stream().mapToLong(Long::longValue).sum();
        long there = supply.units().values().stream().mapToLong(Long::longValue).sum();
        return findings.judged(all, "units that were sold")
                .named("never more sold than there was", "%,d of %,d units".formatted(all, there));
    }

    Check stockAgrees() {
        var findings = new Findings();
        books.stock().forEach((sku, shelf) -> level(sku, shelf).ifPresent(findings::add));
        return findings.judged(books.stock().size(), "stock").named("stock = orders and sales", "");
    }

    private Optional<String> level(String sku, Shelf shelf) {
        var level = shelf.level();
        if (level == null) {
            return Optional.of(sku + ": " + shelf.trouble());
        }
        long allocated = inOrders(sku).mapToLong(OrderSeen.Line::allocated).sum();
        long gone = inOrders(sku).mapToLong(OrderSeen.Line::gone).sum();
        long sold = sold(sku, sales().filter(Sale::isSold));
        long perhaps = sold(sku, sales().filter(Sale::isOpen));
        long writtenOff = Errand.WRITTEN_OFF
                * trips.stream()
                        .flatMap(UnitChecks::sentBack)
                        .filter(sku::equals)
                        .count();
        long left = supply.unitsOf(sku) + tills.found(sku) - gone - writtenOff - sold;
        boolean right = level.allocated() == allocated
                && level.onHand() <= left
                && level.onHand() >= left - perhaps
                && level.available() == level.availableByFormula()
                && level.shortfall() == Math.max(0, level.held() + allocated - level.onHand())
                && level.shortfall() <= tills.shortfall(sku);
        return right
                ? Optional.empty()
                : Optional.of(
                        ("%s: %s; orders have %,d allocated, %,d gone and %,d written off; tills sold %,d, found %,d"
                                        + " and took %,d that were promised; received were %,d")
                                .formatted(
                                        sku,
                                        level,
                                        allocated,
                                        gone,
                                        writtenOff,
                                        sold,
                                        tills.found(sku),
                                        tills.shortfall(sku),
                                        supply.unitsOf(sku)));
    }

    /** The SKUs of which units were sent back, once for each time. */
    private static Stream<String> sentBack(Trip trip) {
        return trip.attempts().stream()
                .filter(attempt -> attempt.then() == Then.RETURNED)
                .map(_ -> trip.errand().skuSentBack());
    }

    private Stream<OrderSeen.Line> inOrders(String sku) {
        return books.orders().values().stream()
                .flatMap(order -> order.lines().stream())
                .filter(line -> line.sku().equals(sku));
    }

    private static long sold(String sku, Stream<Sale> sales) {
        return sales.mapToLong(sale -> sale.units().getOrDefault(sku, 0L)).sum();
    }

    private Stream<Sale> sales() {
        return trips.stream().flatMap(trip -> trip.sales().stream());
    }
}
