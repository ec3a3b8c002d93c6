package dev.holdfast.storm;

import java.util.ArrayList;
import java.util.List;

/** A report on one screen, at most 100 columns wide. */
final class Screen {

    private static final int SAMPLE_WIDTH = 92;

    private final Report report;
    private final List<String> lines = new ArrayList<>();

    private Screen(Report report) {
        this.report = report;
    }

    static List<String> of(Report report) {
        var screen = new Screen(report);
        screen.print();
        return screen.lines;
    }

    private void print() {
        var scenario = report.plan().scenario();
        add("");
        add("holdfast storm%s   %s   seed %d"
                .formatted(report.unsafe() ? " --unsafe" : "", report.target(), scenario.seed()));
        add("");
        row("buyers", scenario.buyers(), demand(scenario));
        row("units", scenario.units(), scenario.skus() == 1 ? "of 1 SKU" : "of %,d SKUs".formatted(scenario.skus()));
        add("");
        row("sold", report.sold(), sold());
        row("refused", report.refused(), "");
        row(
                "errors",
                report.errors(),
                report.failed() == 0 ? "" : "%,d buyers left unserved".formatted(report.failed()));
        for (var mishap : report.mishaps().stream().limit(Check.SAMPLES_MAX).toList()) {
            sample("%,d × %s: %s".formatted(mishap.count(), mishap.kind(), mishap.sample()));
        }
        if (report.unsafe()) {
            row("oversold", report.unitsOversold(), "sold beyond what there was");
        } else {
            row("retries", report.retries(), "");
            row("duplicates", report.duplicates(), "buyers who sent the same key twice");
        }
        add("");
        latencies();
        add("");
        report.checks().forEach(this::check);
        add("");
        add("%s".formatted(report.verdict()));
    }

    private String demand(Scenario scenario) {
        var cart = scenario.lines() == 1 ? "one unit each" : "one unit each of %d SKUs".formatted(scenario.lines());
        return "%s, together, over %,d connections".formatted(cart, scenario.connections());
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

    private void latencies() {
        add("  %-12s%10s%11s%11s%11s".formatted("ms", "count", "p50", "p99", "max"));
        latency("hold", report.holdLatency());
        latency("refusal", report.refusalLatency());
        if (!report.unsafe()) {
            latency("request", report.requestLatency());
        }
        add("  hold, refusal: from asking, wait for a free connection included, to the final answer");
        add("  %,d requests in %.2f s: %,.0f requests/s"
                .formatted(report.requests(), report.seconds(), report.requestsPerSecond()));
    }

    private void latency(String name, Latency latency) {
        if (latency.count() == 0) {
            add("  %-12s%10d%11s%11s%11s".formatted(name, 0, "–", "–", "–"));
        } else {
            add("  %-12s%,10d%,11.1f%,11.1f%,11.1f"
                    .formatted(name, latency.count(), latency.p50Millis(), latency.p99Millis(), latency.maxMillis()));
        }
    }

    private void check(Check check) {
        var aside = check.ok()
                ? check.note()
                : check.violations() == 1 ? "1 violation" : "%,d violations".formatted(check.violations());
        add("  %s %s%s".formatted(check.ok() ? "✓" : "✗", check.name(), aside.isEmpty() ? "" : " (" + aside + ")"));
        check.samples().forEach(this::sample);
    }

    private void row(String name, long count, String aside) {
        add("  %-12s%,10d   %s".formatted(name, count, aside));
    }

    private void sample(String text) {
        var line = text.replaceAll("\\s+", " ");
        add("      %s".formatted(line.length() <= SAMPLE_WIDTH ? line : line.substring(0, SAMPLE_WIDTH - 1) + "…"));
    }

    private void add(String line) {
        lines.add(line.stripTrailing());
    }
}
