package dev.holdfast.storm;

import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A report as one JSON object; names carry their unit. */
final class ReportJson {

    private ReportJson() {}

    static ObjectNode of(Report report) {
        var scenario = report.plan().scenario();
        var json = new JsonMapper().createObjectNode();
        json.put("mode", report.mode())
                .put("target", report.target())
                .put("runId", report.plan().runId())
                .put("seed", scenario.seed());
        json.putObject("scenario")
                .put("buyers", scenario.buyers())
                .put("units", scenario.units())
                .put("skus", scenario.skus())
                .put("lines", scenario.lines())
                .put("requests", scenario.requests())
                .put("gate", scenario.gate() == null ? null : scenario.gate().toString())
                .put("connections", scenario.connections())
                .put("ttlSeconds", scenario.ttl().toSeconds())
                .put("timeoutMillis", scenario.timeout().toMillis())
                .put("duplicatesPercent", scenario.duplicates().percent())
                .put("confirmPercent", scenario.confirm().percent())
                .put("abandonPercent", scenario.abandon().percent())
                .put("releasePercent", scenario.release().percent());
        json.putObject("buyers")
                .put("sold", report.sold())
                .put("held", report.held())
                .put("confirmed", report.confirmed())
                .put("released", report.released())
                .put("expired", report.expired())
                .put("refused", report.refused())
                .put("failed", report.failed());
        json.putObject("units").put("sold", report.unitsSold()).put("oversold", report.unitsOversold());
        var refusals = report.refusalsAfterSellOut();
        json.putObject("refusalsAfterSellOut")
                .put("count", refusals.count())
                .put("seconds", refusals.seconds())
                .put("perSecond", refusals.perSecond());
        json.put("errors", report.errors())
                .put("retries", report.retries())
                .put("duplicates", report.duplicates())
                .put("requests", report.requests())
                .put("seconds", report.seconds())
                .put("requestsPerSecond", report.requestsPerSecond());
        putMishaps(json.putArray("errorSamples"), report.mishaps());
        var latency = json.putObject("latency");
        put(latency.putObject("hold"), report.holdLatency());
        put(latency.putObject("refusal"), report.refusalLatency());
        put(latency.putObject("request"), report.requestLatency());
        put(json.putArray("checks"), report.checks());
        return json.put("ok", report.ok()).put("verdict", report.verdict()).put("exitCode", report.exitCode());
    }

    static void putMishaps(ArrayNode json, List<Tally.Mishap> mishaps) {
        mishaps.forEach(mishap -> json.addObject()
                .put("kind", mishap.kind())
                .put("count", mishap.count())
                .put("sample", mishap.sample()));
    }

    static void put(ArrayNode json, List<Check> checks) {
        for (var check : checks) {
            var entry = json.addObject()
                    .put("name", check.name())
                    .put("ok", check.ok())
                    .put("note", check.note())
                    .put("violations", check.violations());
            check.samples().forEach(entry.putArray("samples")::add);
        }
    }

    static void put(ObjectNode json, Latency latency) {
        json.put("count", latency.count())
                .put("p50Millis", latency.p50Millis())
                .put("p99Millis", latency.p99Millis())
                .put("maxMillis", latency.maxMillis());
    }
}
