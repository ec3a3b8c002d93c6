package dev.holdfast.storm;

import java.util.ArrayList;
import java.util.List;

/** A report on one screen. */
final class Screen {

    private final Report report;
    private final Lines lines = new Lines();

    private Screen(Report report) {
        this.report = report;
    }

    static List<String> of(Report report) {
        var screen = new Screen(report);
        screen.print();
        return screen.lines.all();
    }

    private void print() {
        var scenario = report.plan().scenario();
        lines.add("");
        lines.add("holdfast storm%s   %s   seed %d".formatted(kind(), report.target(), scenario.seed()));
        lines.add("");
        lines.row("buyers", scenario.buyers(), demand(scenario));
        lines.row(
                "units",
                scenario.units(),
                scenario.skus() == 1 ? "of 1 SKU" : "of %,d SKUs".formatted(scenario.skus()));
        lines.add("");
        lines.row("sold", report.sold(), sold());
        lines.row("refused", report.refused(), refused());
        lines.row(
                "errors",
                report.errors(),
                report.failed() == 0 ? "" : "%,d buyers left unserved".formatted(report.failed()));
        lines.mishaps(report.mishaps());
        if (report.unsafe()) {
            lines.row("oversold", report.unitsOversold(), "sold beyond what there was");
        } else {
            lines.row("retries", report.retries(), "");
            lines.row("duplicates", report.duplicates(), "buyers who sent the same key twice");
        }
        lines.add("");
        latencies();
        lines.add("");
        report.checks().forEach(lines::check);
        lines.add("");
        lines.add(report.verdict());
    }

    private String kind() {
        var gate = report.plan().scenario().gate();
        return report.unsafe() ? " --unsafe" : gate == null ? "" : " --gate " + gate;
    }

    private String demand(Scenario scenario) {
        var cart = scenario.lines() == 1 ? "one unit each" : "one unit each of %d SKUs".formatted(scenario.lines());
        var again = scenario.requests() == 1 ? "" : ", asking up to %,d times".formatted(scenario.requests());
        return "%s%s, together, over %,d connections".formatted(cart, again, scenario.connections());
    }

    private String sold() {
        var ends = new ArrayList<String>();
        ends.add("%,d confirmed".formatted(report.confirmed()));
        ends.add("%,d held".formatted(report.held()));
        if (report.released() > 0) {
            ends.add("%,d more released".formatted(report.released()));
        }
        if (report.expired() > 0) {
            ends.add("%,d more expired".formatted(report.expired()));
        }
        return "%s: %,d of %,d units"
                .formatted(
                        String.join(", ", ends),
                        report.unitsSold(),
                        report.plan().scenario().units());
    }

    private String refused() {
        var after = report.refusalsAfterSellOut();
        return after.count() == 0
                ? ""
                : "%,d after the last hold, in %.2f s: %,.0f refusals/s"
                        .formatted(after.count(), after.seconds(), after.perSecond());
    }

    private void latencies() {
        lines.latencyHead();
        lines.latency("hold", report.holdLatency());
        lines.latency("refusal", report.refusalLatency());
        if (!report.unsafe()) {
            lines.latency("request", report.requestLatency());
        }
        lines.add("  hold, refusal: from asking, wait for a free connection included, to the final answer");
        lines.add("  %,d requests in %.2f s: %,.0f requests/s"
                .formatted(report.requests(), report.seconds(), report.requestsPerSecond()));
    }
}
