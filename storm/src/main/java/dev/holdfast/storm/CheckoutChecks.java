package dev.holdfast.storm;

import dev.holdfast.storm.Check.Findings;
import dev.holdfast.storm.Evidence.Shelf;
import dev.holdfast.storm.Trip.Attempt;
import dev.holdfast.storm.Trip.Sale;
import dev.holdfast.storm.Trip.SaleTold;
import dev.holdfast.storm.Trip.Then;
import dev.holdfast.storm.Trip.Told;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What must be true after a storm of checkouts, judged from the outside. Pure: trips and books in, checks out. */
final class CheckoutChecks {

    private final List<Trip> trips;
    private final Books books;
    private final Supply supply;
    private final Map<String, Long> pricesMinor;

    private CheckoutChecks(List<Trip> trips, Books books, Supply supply, Map<String, Long> pricesMinor) {
        this.trips = trips;
        this.books = books;
        this.supply = supply;
        this.pricesMinor = pricesMinor;
    }

    static List<Check> all(List<Trip> trips, Books books, Supply supply, Map<String, Long> pricesMinor) {
        var checks = new CheckoutChecks(trips, books, supply, pricesMinor);
        return List.of(
                checks.moneyKept(),
                checks.chargedOnce(),
                checks.paidAsTold(),
                checks.oneKeyOneEnd(),
                checks.notOversold(),
                checks.stockAgrees(),
                checks.tillsCountOnce(),
                checks.nothingInLimbo(),
                Checks.ledgerAddsUp(books.stock()),
                Checks.invariants(books.invariants()));
    }

    private Check moneyKept() {
        var findings = new Findings();
        var kept = new long[1];
        books.payments().forEach((key, look) -> {
            long paid = look.found().map(PaymentSeen::keptMinor).orElse(0L);
            long worth = order(key.toString()).map(OrderSeen::worthMinor).orElse(0L);
            kept[0] += paid;
            if (paid != worth) {
                findings.add("%s: %s kept, the order is worth %s".formatted(key, euros(paid), euros(worth)));
            }
            if (look instanceof Look.Unreadable<PaymentSeen>(var why)) {
                findings.add("payment %s: %s".formatted(key, why));
            }
        });
        long paying = books.orders().values().stream()
                .filter(order -> order.worthMinor() > 0)
                .count();
        return judged(findings, paying, "orders that were paid")
                .named("money kept = orders paid", "%s, %,d orders".formatted(euros(kept[0]), paying));
    }

    private Check chargedOnce() {
        var findings = new Findings();
        long charged = 0;
        for (var trip : trips) {
            long price = trip.errand().priceMinor(pricesMinor);
            int times = 0;
            for (var attempt : trip.attempts()) {
                long captured = payment(attempt).map(PaymentSeen::capturedMinor).orElse(0L);
                times += captured == 0 ? 0 : 1;
                if (captured != 0 && captured != price) {
                    findings.add(
                            "%s: %s taken, the price is %s".formatted(attempt.key(), euros(captured), euros(price)));
                }
            }
            charged += times;
            if (times > 1) {
                findings.add("buyer %,d paid %d times for one cart"
                        .formatted(trip.errand().number(), times));
            }
        }
        return judged(findings, charged, "payments that were taken")
                .named("no buyer is charged twice, or another price", "");
    }

    private Check paidAsTold() {
        var findings = new Findings();
        books.unread().forEach(findings::add);
        var known = new HashSet<String>();
        long paid = 0;
        for (var trip : trips) {
            for (var attempt : trip.attempts()) {
                known.add(attempt.key().toString());
                paid += attempt.isPaid() ? 1 : 0;
                asTold(trip.errand(), attempt).ifPresent(findings::add);
            }
            boughtElsewhere(trip).ifPresent(findings::add);
        }
        books.orders().keySet().stream()
                .filter(id -> !known.contains(id))
                .forEach(id -> findings.add("order %s is nobody's".formatted(id)));
        return judged(findings, paid, "buyers who were told that it is paid")
                .named("who was told 'paid' has a paid order, and nobody else", "%,d told".formatted(paid));
    }

    private Optional<String> asTold(Errand errand, Attempt attempt) {
        var order = order(attempt.key().toString()).orElse(null);
        if (order == null) {
            return attempt.isPaid()
                    ? Optional.of(attempt.key() + " was told 'paid' and has no order")
                    : Optional.empty();
        }
        if (!attempt.isPaid() && !attempt.isOpen()) {
            return Optional.of(
                    "%s was told %s and has an order, %s".formatted(attempt.key(), attempt.told(), order.state()));
        }
        var units = new HashMap<String, Long>();
        order.lines().forEach(line -> units.merge(line.sku(), line.quantity(), Long::sum));
        boolean right = order.isPaid()
                && units.equals(errand.units())
                && switch (attempt.then()) {
                    case NOTHING -> !order.isCancelled();
                    case CANCELLED -> order.isCancelled();
                    case SHIPPED -> order.isShipped();
                };
        return right
                ? Optional.empty()
                : Optional.of("%s was told 'paid', then %s; its order is %s of %s, wanted was %s"
                        .formatted(attempt.key(), attempt.then(), order.state(), units, errand.units()));
    }

    /** Who is refused because the cart is bought has bought it. */
    private static Optional<String> boughtElsewhere(Trip trip) {
        boolean isBought = trip.attempts().stream()
                .flatMap(attempt -> attempt.told().stream())
                .anyMatch(told -> told instanceof Told.Refused(var code, var _) && code.equals(Cashier.BOUGHT));
        return isBought && trip.attempts().stream().noneMatch(attempt -> attempt.isPaid() || attempt.isOpen())
                ? Optional.of("buyer %,d was told that the cart is bought, and never 'paid'"
                        .formatted(trip.errand().number()))
                : Optional.empty();
    }

    /** No is not remembered, so the same key may win later; an end is. */
    private Check oneKeyOneEnd() {
        var findings = new Findings();
        long judged = 0;
        for (var trip : trips) {
            for (var attempt : trip.attempts()) {
                var ends = attempt.told().stream().filter(CheckoutChecks::isEnd).toList();
                judged += ends.size() > 1 ? 1 : 0;
                if (ends.stream().distinct().count() > 1) {
                    findings.add("%s was told %s".formatted(attempt.key(), ends));
                }
                shown(trip.errand(), attempt, ends).ifPresent(findings::add);
            }
        }
        return judged(findings, judged, "keys that were sent twice and had an end")
                .named("one key, one checkout, and it ends as told", "%,d keys told twice".formatted(judged));
    }

    private static boolean isEnd(Told told) {
        return switch (told) {
            case Told.Paid _, Told.Unpaid _ -> true;
            case Told.Refused _, Told.Unknown _ -> false;
        };
    }

    private Optional<String> shown(Errand errand, Attempt attempt, List<Told> ends) {
        var look = books.checkouts().get(attempt.key());
        if (ends.isEmpty()) {
            return look instanceof Look.Found<CheckoutSeen>(var it) && !attempt.isOpen()
                    ? Optional.of("%s was refused and is %s".formatted(attempt.key(), it.state()))
                    : Optional.empty();
        }
        if (!(look instanceof Look.Found<CheckoutSeen>(var it))) {
            return Optional.of("%s was told %s and is not shown: %s".formatted(attempt.key(), ends, look));
        }
        boolean right = switch (ends.getFirst()) {
            case Told.Paid(var total) -> it.isPaid() && total == errand.priceMinor(pricesMinor);
            case Told.Unpaid(var state) -> it.state().equals(state);
            case Told.Refused _, Told.Unknown _ -> false;
        };
        return right
                ? Optional.empty()
                : Optional.of("%s was told %s and is %s, price %s"
                        .formatted(attempt.key(), ends, it.state(), euros(errand.priceMinor(pricesMinor))));
    }

    private Check notOversold() {
        var sold = new HashMap<String, Long>();
        for (var trip : trips) {
            trip.attempts().stream()
                    .filter(attempt -> attempt.then() != Then.CANCELLED)
                    .filter(attempt ->
                            attempt.isPaid() || order(attempt.key().toString()).isPresent())
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
        return judged(findings, all, "units that were sold")
                .named("never more sold than there was", "%,d of %,d units".formatted(all, there));
    }

    private Check stockAgrees() {
        var findings = new Findings();
        books.stock().forEach((sku, shelf) -> level(sku, shelf).ifPresent(findings::add));
        return judged(findings, books.stock().size(), "stock").named("stock = orders and sales", "");
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

    private Check tillsCountOnce() {
        var findings = new Findings();
        var offline = sales().filter(Sale::isOffline).toList();
        for (var sale : offline) {
            boolean right =
                    sale.told().stream().allMatch(told -> told.equals(new SaleTold.Sold(sale.quantity(), 0, 0)));
            if (!right) {
                findings.add("sale %s of %s was told %s".formatted(sale.id(), sale.units(), sale.told()));
            }
        }
        return judged(findings, offline.size(), "sales made offline")
                .named(
                        "what a till sold within its lease counts once",
                        "%,d sales, told up to four times".formatted(offline.size()));
    }

    private Check nothingInLimbo() {
        var findings = new Findings();
        books.open().forEach(findings::add);
        return judged(findings, books.checkouts().size(), "checkouts").named("nothing is left in limbo", "");
    }

    private Stream<Sale> sales() {
        return trips.stream().flatMap(trip -> trip.sales().stream());
    }

    private Optional<OrderSeen> order(String id) {
        return Optional.ofNullable(books.orders().get(id));
    }

    private Optional<PaymentSeen> payment(Attempt attempt) {
        var look = books.payments().get(attempt.key());
        return look == null ? Optional.empty() : look.found();
    }

    /** What is true of nothing proves nothing. */
    private static Findings judged(Findings findings, long count, String what) {
        if (count == 0) {
            findings.add("nothing to judge: there were no " + what);
        }
        return findings;
    }

    static String euros(long minor) {
        return "%,d.%02d EUR".formatted(minor / 100, minor % 100);
    }
}
