package dev.holdfast.storm;

import dev.holdfast.storm.Errand.Kind;
import dev.holdfast.storm.Trip.Attempt;
import dev.holdfast.storm.Trip.Mode;
import dev.holdfast.storm.Trip.Sale;
import dev.holdfast.storm.Trip.SaleTold;
import dev.holdfast.storm.Trip.Then;
import dev.holdfast.storm.Trip.Told;
import java.util.List;
import java.util.stream.Stream;

/**
 * The result of {@code storm checkout}.
 *
 * @param seconds from letting the buyers go until the last had its answer
 */
record CheckoutReport(
        String target, CheckoutPlan plan, List<Trip> trips, Tally tally, double seconds, List<Check> checks) {

    /** Checkouts whose buyers were told that they are paid. */
    long paid() {
        return attempts().filter(Attempt::isPaid).count();
    }

    /** Of all checkouts, those that this was done to. */
    long then(Then then) {
        return attempts().filter(attempt -> attempt.then() == then).count();
    }

    /** Checkouts whose buyers were told that nothing came of them. */
    long unpaid() {
        return attempts()
                .filter(attempt -> attempt.told().stream().anyMatch(Told.Unpaid.class::isInstance))
                .count();
    }

    long unpaid(String state) {
        return attempts()
                .filter(attempt -> attempt.told().contains(new Told.Unpaid(state)))
                .count();
    }

    /** Buyers who had a cart that they could pay for, and asked to, in two tabs. */
    long inTwoTabs() {
        return trips.stream()
                .filter(trip -> trip.errand().kind() == Kind.BUY_IN_TWO_TABS)
                .filter(trip -> trip.attempts().size() > 1)
                .count();
    }

    /** Buyers whose cart was changed while it was being paid for. */
    long cartsChanged() {
        return trips.stream()
                .filter(trip -> trip.errand().kind() == Kind.CHANGE_CART)
                .filter(trip -> trip.attempts().stream().anyMatch(attempt -> attempt.then() == Then.REVOKED))
                .count();
    }

    long tills() {
        return trips.stream()
                .filter(trip -> trip.errand().kind().tillMode() != null)
                .count();
    }

    /** Whose errand it was, whatever came of it. */
    long count(Kind... kinds) {
        return trips.stream()
                .filter(trip -> List.of(kinds).contains(trip.errand().kind()))
                .count();
    }

    long sales() {
        return trips.stream()
                .flatMap(trip -> trip.sales().stream())
                .filter(Sale::isSold)
                .count();
    }

    long sales(Mode mode) {
        return trips.stream()
                .flatMap(trip -> trip.sales().stream())
                .filter(sale -> sale.mode() == mode)
                .filter(Sale::isSold)
                .count();
    }

    /** Units that tills had sold and others had been promised. */
    long unitsShort() {
        return trips.stream()
                .flatMap(trip -> trip.sales().stream())
                .flatMap(sale -> sale.sold().stream())
                .mapToLong(SaleTold.Sold::shortfall)
                .sum();
    }

    private Stream<Attempt> attempts() {
        return trips.stream().flatMap(trip -> trip.attempts().stream());
    }

    boolean ok() {
        return tally.errors() == 0 && checks.stream().allMatch(Check::ok);
    }

    int exitCode() {
        return ok() ? Report.EXIT_OK : Report.EXIT_VIOLATED;
    }

    String verdict() {
        var counts = "%,d paid, %,d sold at tills, %,d %s"
                .formatted(paid(), sales(), tally.errors(), tally.errors() == 1 ? "error" : "errors");
        return Report.verdict(counts, checks, tally.errors());
    }
}
