package dev.holdfast.storm;

import dev.holdfast.storm.Check.Findings;
import dev.holdfast.storm.Trip.Attempt;
import dev.holdfast.storm.Trip.Told;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** What must be true after a storm of checkouts, judged from the outside. Pure: trips and books in, checks out. */
final class CheckoutChecks {

    private final List<Trip> trips;
    private final Books books;
    private final Map<String, Long> pricesMinor;
    private final TillChecks tills;

    private CheckoutChecks(List<Trip> trips, Books books, Map<String, Long> pricesMinor, TillChecks tills) {
        this.trips = trips;
        this.books = books;
        this.tills = tills;
        this.pricesMinor = pricesMinor;
    }

    static List<Check> all(List<Trip> trips, Books books, Supply supply, Map<String, Long> pricesMinor) {
        var tills = new TillChecks(trips, books);
        var checks = new CheckoutChecks(trips, books, pricesMinor, tills);
        var units = new UnitChecks(trips, books, supply, tills);
        return List.of(
                checks.moneyKept(),
                checks.chargedOnce(),
                checks.paidAsTold(),
                checks.oneKeyOneEnd(),
                units.notOversold(),
                units.stockAgrees(),
                tills.countOnce(),
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
            if (isMistaken(key, look.found().map(PaymentSeen::capturedMinor).orElse(0L))) {
                findings.add("%s is %s, and what was taken went back"
                        .formatted(key, books.checkouts().get(key)));
            }
            if (look instanceof Look.Unreadable<PaymentSeen>(var why)) {
                findings.add("payment %s: %s".formatted(key, why));
            }
        });
        long paying = books.orders().values().stream()
                .filter(order -> order.worthMinor() > 0)
                .count();
        return findings.judged(paying, "orders that were paid")
                .named("money kept = orders paid", "%s, %,d orders".formatted(euros(kept[0]), paying));
    }

    /** Money that was taken without an order went back, and the buyer is told so; else there was nothing to give back. */
    private boolean isMistaken(UUID key, long capturedMinor) {
        return books.checkouts().get(key) instanceof Look.Found<CheckoutSeen>(var it)
                && it.isEnd()
                && !it.isPaid()
                && it.state().equals("REFUNDED") != (capturedMinor > 0);
    }

    private Check chargedOnce() {
        var findings = new Findings();
        long charged = 0;
        for (var trip : trips) {
            int times = 0;
            for (var attempt : trip.attempts()) {
                long price = attempt.priceMinor(pricesMinor);
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
        return findings.judged(charged, "payments that were taken")
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
        return findings.judged(paid, "buyers who were told that it is paid")
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
                && units.equals(attempt.units())
                && switch (attempt.then()) {
                    case NOTHING -> order.isWhole();
                    case REVOKED -> false;
                    case CANCELLED -> order.isCancelled();
                    case SHIPPED -> order.isShipped();
                    case SHORT ->
                        order.isOnShelf() && units.keySet().stream().anyMatch(sku -> tills.shortfall(sku) > 0);
                    case RETURNED -> order.isSentBack(errand.skuSentBack(), Errand.RESTOCKED + Errand.WRITTEN_OFF);
                };
        return right
                ? Optional.empty()
                : Optional.of("%s was told 'paid', then %s; its order is %s of %s, wanted was %s"
                        .formatted(attempt.key(), attempt.then(), order.state(), units, attempt.units()));
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
                shown(attempt, ends).ifPresent(findings::add);
            }
        }
        return findings.judged(judged, "keys that were sent twice and had an end")
                .named("one key, one checkout, and it ends as told", "%,d keys told twice".formatted(judged));
    }

    private static boolean isEnd(Told told) {
        return switch (told) {
            case Told.Paid _, Told.Unpaid _ -> true;
            case Told.Refused _, Told.Unknown _ -> false;
        };
    }

    private Optional<String> shown(Attempt attempt, List<Told> ends) {
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
            case Told.Paid(var total) -> it.isPaid() && total == attempt.priceMinor(pricesMinor);
            case Told.Unpaid(var state) -> it.state().equals(state);
            case Told.Refused _, Told.Unknown _ -> false;
        };
        return right
                ? Optional.empty()
                : Optional.of("%s was told %s and is %s, price %s"
                        .formatted(attempt.key(), ends, it.state(), euros(attempt.priceMinor(pricesMinor))));
    }

    private Check nothingInLimbo() {
        var findings = new Findings();
        books.open().forEach(findings::add);
        return findings.judged(books.checkouts().size(), "checkouts").named("nothing is left in limbo", "");
    }

    private Optional<OrderSeen> order(String id) {
        return Optional.ofNullable(books.orders().get(id));
    }

    private Optional<PaymentSeen> payment(Attempt attempt) {
        var look = books.payments().get(attempt.key());
        return look == null ? Optional.empty() : look.found();
    }

    private static String euros(long minor) {
        return "%,d.%02d EUR".formatted(minor / 100, minor % 100);
    }
}
