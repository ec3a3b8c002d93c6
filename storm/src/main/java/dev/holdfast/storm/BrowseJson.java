package dev.holdfast.storm;

import dev.holdfast.storm.Traffic.Kind;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A report of {@code storm browse} as one JSON object; names carry their unit. */
final class BrowseJson {

    private BrowseJson() {}

    static ObjectNode of(BrowseReport report) {
        var scenario = report.scenario();
        var traffic = report.traffic();
        var tally = report.tally();
        var json = new JsonMapper().createObjectNode();
        json.put("mode", "browse")
                .put("target", report.target())
                .put("runId", report.runId())
                .put("seed", scenario.seed());
        json.putObject("scenario")
                .put("products", scenario.products())
                .put("skus", scenario.skus())
                .put("units", scenario.units())
                .put("readers", scenario.readers())
                .put("ratePerSecond", scenario.ratePerSecond())
                .put("editsPerSecond", scenario.editsPerSecond())
                .put("seconds", scenario.seconds())
                .put("clocksApartMillis", scenario.clocksApart().toMillis())
                .put("timeoutMillis", scenario.timeout().toMillis());
        json.put("reads", traffic.reads())
                .put("readsPerSecond", report.readsPerSecond())
                .put("conditionalReads", traffic.conditional())
                .put("notModified", traffic.notModified())
                .put("placed", tally.placed())
                .put("refused", tally.refused())
                .put("sold", report.sold())
                .put("priceChanges", traffic.count(Kind.PRICE_CHANGE))
                .put("receipts", traffic.count(Kind.RECEIPT))
                .put("errors", tally.errors())
                .put("retries", tally.retries())
                .put("requests", tally.requests())
                .put("seconds", report.seconds());
        ReportJson.putMishaps(
                json.putArray("errorSamples"), List.copyOf(tally.mishaps().values()));
        var latency = json.putObject("latency");
        ReportJson.put(latency.putObject("product"), traffic.latency(Kind.PRODUCT));
        ReportJson.put(latency.putObject("list"), traffic.latency(Kind.LIST));
        ReportJson.put(latency.putObject("availability"), traffic.latency(Kind.AVAILABILITY));
        ReportJson.put(latency.putObject("hold"), tally.placedLatency());
        ReportJson.put(latency.putObject("refusal"), tally.refusedLatency());
        ReportJson.put(latency.putObject("priceChange"), traffic.latency(Kind.PRICE_CHANGE));
        ReportJson.put(latency.putObject("receipt"), traffic.latency(Kind.RECEIPT));
        var staleness = json.putObject("staleness");
        ReportJson.put(staleness.putObject("price"), report.priceStaleness());
        ReportJson.put(staleness.putObject("stock"), report.stockStaleness());
        ReportJson.put(json.putObject("told"), report.wakening());
        ReportJson.put(json.putArray("checks"), report.checks());
        return json.put("ok", report.ok()).put("verdict", report.verdict()).put("exitCode", report.exitCode());
    }
}
