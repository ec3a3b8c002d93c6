package dev.holdfast.storm;

import dev.holdfast.storm.Traffic.Kind;
import java.util.List;

/** A report of {@code storm browse} on one screen. */
final class BrowseScreen {

    private BrowseScreen() {}

    static List<String> of(BrowseReport report) {
        var scenario = report.scenario();
        var traffic = report.traffic();
        var tally = report.tally();
        var lines = new Lines();
        lines.add("");
        lines.add("holdfast storm browse   %s   seed %d".formatted(report.target(), scenario.seed()));
        lines.add("");
        lines.row(
                "products",
                scenario.products(),
                "%,d SKUs each, %,d units of each".formatted(scenario.skus(), scenario.units()));
        lines.row(
                "readers",
                scenario.readers(),
                "90 %% reads, 10 %% holds, %s"
                        .formatted(
                                scenario.ratePerSecond() == 0
                                        ? "as fast as they can"
                                        : "%,.0f a second together".formatted(scenario.ratePerSecond())));
        lines.add("");
        lines.row(
                "reads",
                traffic.reads(),
                "%,.0f a second; of %,d with If-None-Match %.0f %% were answered 304"
                        .formatted(report.readsPerSecond(), traffic.conditional(), 100 * report.notModifiedShare()));
        lines.row("holds", tally.placed(), "%,d more refused".formatted(tally.refused()));
        lines.row(
                "edits",
                traffic.count(Kind.PRICE_CHANGE),
                "prices, and %,d receipts".formatted(traffic.count(Kind.RECEIPT)));
        lines.row("errors", tally.errors(), "");
        lines.mishaps(List.copyOf(tally.mishaps().values()));
        lines.row("retries", tally.retries(), "");
        lines.add("");
        lines.latencyHead();
        lines.latency("product", traffic.latency(Kind.PRODUCT));
        lines.latency("list", traffic.latency(Kind.LIST));
        lines.latency("availability", traffic.latency(Kind.AVAILABILITY));
        lines.latency("hold", tally.placedLatency());
        lines.latency("refusal", tally.refusedLatency());
        lines.latency("price change", traffic.latency(Kind.PRICE_CHANGE));
        lines.latency("stale price", report.priceStaleness());
        lines.latency("stale stock", report.stockStaleness());
        lines.latency("told", report.wakening());
        lines.add("  stale: for how long what was shown had been replaced; told: from a movement to who waited for it");
        lines.add("");
        report.checks().forEach(lines::check);
        lines.add("");
        lines.add(report.verdict());
        return lines.all();
    }
}
