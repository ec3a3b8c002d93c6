package dev.holdfast.storm;

import dev.holdfast.storm.Check.Findings;
import dev.holdfast.storm.Evidence.Shelf;
import dev.holdfast.storm.Trip.Sale;
import dev.holdfast.storm.Trip.SaleTold;
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

    UnitChecks(List<Trip> trips, Books books, Supply supply) {
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
                    .forEach(_ -> trip.errand().units().forEach((sku, units) -> sold.merge(sku, units, Long::sum)));
        }
        sales().filter(Sale::isSold)
                .forEach(sale -> sale.units().forEach((sku, units) -> sold.merge(sku, units, Long::sum)));
        var findings = new Findings();
        sold.forEach((sku, units) -> {
            if (units > supply.unitsOf(sku)) {
                findings.add("%s: %,d units sold, %,d there were".formatted(sku, units, supply.unitsOf(sku)));
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
        long left = supply.unitsOf(sku) - gone - sold;
        boolean right = level.allocated() == allocated
                && level.onHand() <= left
                && level.onHand() >= left - perhaps
                && level.available() == level.availableByFormula()
                && level.shortfall() == 0;
        return right
                ? Optional.empty()
                : Optional.of("%s: %s; orders have %,d allocated and %,d gone, tills sold %,d of %,d"
                        .formatted(sku, level, allocated, gone, sold, supply.unitsOf(sku)));
    }

    private Stream<OrderSeen.Line> inOrders(String sku) {
        return books.orders().values().stream()
                .flatMap(order -> order.lines().stream())
                .filter(line -> line.sku().equals(sku));
    }

    private static long sold(String sku, Stream<Sale> sales) {
        return sales.mapToLong(sale -> sale.units().getOrDefault(sku, 0L)).sum();
    }

    Check tillsCountOnce() {
        var findings = new Findings();
        var offline = sales().filter(Sale::isOffline).toList();
        for (var sale : offline) {
            boolean right =
                    sale.told().stream().allMatch(told -> told.equals(new SaleTold.Sold(sale.quantity(), 0, 0)));
            if (!right) {
                findings.add("sale %s of %s was told %s".formatted(sale.id(), sale.units(), sale.told()));
            }
        }
        return findings.judged(offline.size(), "sales made offline")
                .named(
                        "what a till sold within its lease counts once",
                        "%,d sales, told up to four times".formatted(offline.size()));
    }

    private Stream<Sale> sales() {
        return trips.stream().flatMap(trip -> trip.sales().stream());
    }
}
