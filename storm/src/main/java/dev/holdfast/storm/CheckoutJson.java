package dev.holdfast.storm;

import dev.holdfast.storm.Errand.Kind;
import dev.holdfast.storm.Trip.Mode;
import dev.holdfast.storm.Trip.Then;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A report of {@code storm checkout} as one JSON object; names carry their unit. */
final class CheckoutJson {

    private CheckoutJson() {}

    static ObjectNode of(CheckoutReport report) {
        var scenario = report.plan().scenario();
        var tally = report.tally();
        var json = new JsonMapper().createObjectNode();
        json.put("mode", "checkout")
                .put("target", report.target())
                .put("runId", report.plan().runId())
                .put("seed", scenario.seed());
        json.putObject("scenario")
                .put("buyers", scenario.buyers())
                .put("units", scenario.units())
                .put("skus", scenario.skus())
                .put("connections", scenario.connections())
                .put("ttlSeconds", scenario.ttl().toSeconds())
                .put("settleSeconds", scenario.settle().toSeconds())
                .put("timeoutMillis", scenario.timeout().toMillis());
        json.putObject("checkouts")
                .put("paid", report.paid())
                .put("paidThenCancelled", report.then(Then.CANCELLED))
                .put("paidThenShipped", report.then(Then.SHIPPED))
                .put("paidThenSentBack", report.then(Then.RETURNED))
                .put("paidThenShort", report.then(Then.SHORT))
                .put("declined", report.unpaid("DECLINED"))
                .put("cancelled", report.unpaid("CANCELLED"))
                .put("expired", report.unpaid("EXPIRED"))
                .put("refunded", report.unpaid("REFUNDED"))
                .put("revoked", report.then(Then.REVOKED))
                .put("cartChanged", report.cartsChanged())
                .put("inTwoTabs", report.inTwoTabs());
        json.putObject("tills")
                .put("sales", report.sales(Mode.ONLINE))
                .put("offlineSales", report.sales(Mode.WITHIN_LEASE))
                .put("offlineSalesAfterLease", report.sales(Mode.AFTER_LEASE))
                .put("unitsShort", report.unitsShort());
        json.put("left", report.count(Kind.LEAVE_HOLD, Kind.LEAVE_CART, Kind.LEAVE_CHECKOUT))
                .put("refused", tally.refused())
                .put("errors", tally.errors())
                .put("retries", tally.retries())
                .put("duplicates", tally.duplicates())
                .put("requests", tally.requests())
                .put("seconds", report.seconds());
        ReportJson.putMishaps(
                json.putArray("errorSamples"), List.copyOf(tally.mishaps().values()));
        var latency = json.putObject("latency");
        ReportJson.put(latency.putObject("paid"), tally.placedLatency());
        ReportJson.put(latency.putObject("refusal"), tally.refusedLatency());
        ReportJson.put(latency.putObject("request"), tally.requestLatency());
        ReportJson.put(json.putArray("checks"), report.checks());
        return json.put("ok", report.ok()).put("verdict", report.verdict()).put("exitCode", report.exitCode());
    }
}
