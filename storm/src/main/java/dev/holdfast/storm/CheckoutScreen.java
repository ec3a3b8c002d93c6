package dev.holdfast.storm;

import dev.holdfast.storm.Errand.Kind;
import dev.holdfast.storm.Trip.Mode;
import dev.holdfast.storm.Trip.Then;
import java.util.List;

/** A report of {@code storm checkout} on one screen. */
final class CheckoutScreen {

    private CheckoutScreen() {}

    static List<String> of(CheckoutReport report) {
        var scenario = report.plan().scenario();
        var tally = report.tally();
        var lines = new Lines();
        lines.add("");
        lines.add("holdfast storm checkout   %s   seed %d".formatted(report.target(), scenario.seed()));
        lines.add("");
        lines.row(
                "buyers",
                scenario.buyers(),
                "%,d of them tills, together, over %,d connections".formatted(report.tills(), scenario.connections()));
        lines.row("units", scenario.units(), "of %,d SKUs".formatted(scenario.skus()));
        lines.add("");
        lines.row(
                "paid",
                report.paid(),
                "checkouts; %,d cancelled again, %,d shipped, %,d of them sent back in part"
                        .formatted(
                                report.then(Then.CANCELLED),
                                report.then(Then.SHIPPED) + report.then(Then.RETURNED),
                                report.then(Then.RETURNED)));
        lines.row(
                "not paid",
                report.unpaid(),
                "%,d declined, %,d cancelled, %,d expired, %,d refunded"
                        .formatted(
                                report.unpaid("DECLINED"),
                                report.unpaid("CANCELLED"),
                                report.unpaid("EXPIRED"),
                                report.unpaid("REFUNDED")));
        lines.row(
                "revoked",
                report.then(Then.REVOKED),
                "checkouts: units given back or cart changed, or the buyer never agreed");
        lines.row(
                "tills",
                report.sales(Mode.ONLINE),
                "sales; %,d more made offline, and %,d of which they told after their lease"
                        .formatted(report.sales(Mode.WITHIN_LEASE), report.sales(Mode.AFTER_LEASE)));
        lines.row(
                "short",
                report.unitsShort(),
                "units of these were promised to others; %,d parcels wait for them".formatted(report.then(Then.SHORT)));
        lines.row(
                "left",
                report.count(Kind.LEAVE_HOLD, Kind.LEAVE_CART, Kind.LEAVE_CHECKOUT),
                "buyers meant to go away from a hold, a cart or a checkout");
        lines.row("refused", tally.refused(), "");
        lines.row("errors", tally.errors(), "");
        lines.mishaps(List.copyOf(tally.mishaps().values()));
        lines.row("retries", tally.retries(), "");
        lines.row("duplicates", tally.duplicates(), "buyers who sent the same key twice");
        lines.row("two tabs", report.inTwoTabs(), "buyers who asked to pay one cart in two tabs at once");
        lines.add("");
        lines.latencyHead();
        lines.latency("paid", tally.placedLatency());
        lines.latency("refusal", tally.refusedLatency());
        lines.latency("request", tally.requestLatency());
        lines.add("  paid, refusal: from asking, wait for a free connection included, to the final answer");
        lines.add("  %,d requests in %.2f s: %,.0f requests/s"
                .formatted(tally.requests(), report.seconds(), tally.requests() / report.seconds()));
        lines.add("");
        report.checks().forEach(lines::check);
        lines.add("");
        lines.add(report.verdict());
        return lines.all();
    }
}
