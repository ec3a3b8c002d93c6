package dev.holdfast.storm;

import dev.holdfast.storm.Check.Findings;
import dev.holdfast.storm.Scene.Actor;
import dev.holdfast.storm.Scene.Node;
import dev.holdfast.storm.Traffic.Kind;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** {@code storm browse} against running servers: fill the shop, let everybody in, then hold what they saw against the books. */
final class Browsing {

    static final int EDITORS = 4;
    static final int WATCHERS = 8;

    private final List<URI> urls;
    private final BrowseScenario scenario;
    private final String runId;
    private final Output output;
    private final Tally tally = new Tally();
    private final Tally deskTally = new Tally();
    private final Traffic traffic = new Traffic();

    /** On one server, or on several that share a database. */
    Browsing(List<URI> urls, BrowseScenario scenario, String runId, Output output) {
        this.urls = urls;
        this.scenario = scenario;
        this.runId = runId;
        this.output = output;
    }

    BrowseReport run(Duration readyWait) throws Aborted, InterruptedException {
        Opening.awaitReady(urls, readyWait, output);
        var pools = new ArrayList<Connections>();
        try (var desk = new Connections(urls, HttpStorm.DESK_CONNECTIONS_MAX, Connections.ANSWER_WAIT_MAX, deskTally)) {
            var deskCaller = new Caller(desk, scenario.timeout(), deskTally);
            for (var url : urls) { // one each: who looks chooses the node
                int actors = scenario.readers() + EDITORS + WATCHERS;
                pools.add(new Connections(List.of(url), actors, Connections.ANSWER_WAIT_MAX, tally));
            }
            return run(deskCaller, pools);
        } catch (IOException e) {
            throw new Aborted("lost the server at " + urls + " before the storm began: " + e.getMessage());
        } finally {
            pools.forEach(Connections::close);
        }
    }

    private BrowseReport run(Caller desk, List<Connections> pools) throws Aborted, IOException, InterruptedException {
        var assortment = Assortment.of(scenario.products(), scenario.skus(), scenario.seed(), runId);
        var skus = assortment.skus();
        var received = new ConcurrentHashMap<String, Long>();
        skus.forEach(sku -> received.put(sku, (long) scenario.units()));
        var prices = new PriceBook(assortment, Opening.list(desk, assortment));
        Opening.receive(desk, supply(skus, received), runId);
        long filledMicros = WallClock.micros();
        for (var pool : pools) {
            pool.openAll();
        }
        var scene = new Scene(
                scenario,
                assortment,
                skus,
                nodes(pools),
                prices,
                new Acts(),
                traffic,
                tally,
                new Findings(),
                new Findings());
        var turns = new Pace(scenario.ratePerSecond());
        var edits = new Pace(scenario.editsPerSecond());
        var visitors = IntStream.range(0, scenario.readers())
                .mapToObj(i -> new Visitor(scene, turns, i))
                .toList();
        var watchers = IntStream.range(0, WATCHERS)
                .mapToObj(i -> new Watcher(scene, -1 - i))
                .toList();
        var all = new ArrayList<Actor>(visitors);
        all.addAll(watchers);
        IntStream.range(0, EDITORS).forEach(i -> all.add(new Editor(scene, edits, -100 - i, received)));
        long nanos = letIn(all);
        var deals =
                visitors.stream().flatMap(visitor -> visitor.deals().stream()).toList();
        var evidence = audit(new Audit(desk, supply(skus, received), deskTally), deals);
        var stock = new StockTruth(evidence, scene.acts(), filledMicros, scenario.clocksApart(), slowestRead());
        for (var visitor : visitors) {
            visitor.sightings().forEach(stock::judge);
            stock.unjudged(visitor.sightingsDropped());
        }
        for (var watcher : watchers) {
            watcher.sightings().forEach(stock::judge);
            watcher.waits().forEach(stock::judge);
        }
        return report(scene, stock, evidence, nanos);
    }

    private Duration slowestRead() {
        return Duration.ofMillis((long) traffic.latency(Kind.AVAILABILITY).maxMillis());
    }

    private List<Node> nodes(List<Connections> pools) {
        return IntStream.range(0, urls.size())
                .mapToObj(i -> {
                    var caller = new Caller(pools.get(i), scenario.timeout(), tally);
                    return new Node(urls.get(i).toString(), caller, new Buyer(caller, scenario.ttl(), tally));
                })
                .toList();
    }

    /** In the order of the SKUs. */
    private static Supply supply(List<String> skus, ConcurrentHashMap<String, Long> received) {
        var units = new LinkedHashMap<String, Long>();
        skus.forEach(sku -> units.put(sku, received.getOrDefault(sku, 0L)));
        return new Supply(units);
    }

    private long letIn(List<Actor> all) throws InterruptedException {
        long untilNanos = System.nanoTime() + (long) (scenario.seconds() * 1e9);
        try (var _ = output.progress(() -> "%,d reads · %,d holds · %,d refused · %,d price changes · %,d errors"
                .formatted(
                        traffic.reads(),
                        tally.placed(),
                        tally.refused(),
                        traffic.count(Kind.PRICE_CHANGE),
                        tally.errors()))) {
            return Crowd.each(all, actor -> {
                        try {
                            actor.act(untilNanos);
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                        return actor;
                    })
                    .nanos();
        }
    }

    private Evidence audit(Audit audit, List<Deal> deals) throws InterruptedException {
        try (var _ = output.progress(
                () -> "checking from the outside: %,d holds looked up".formatted(deskTally.buyersDone()))) {
            return audit.read(deals);
        }
    }

    /** Or the checks above are true of nothing. */
    private Check somethingJudged(StockTruth stock) {
        var nothing = new Findings();
        for (var kind : List.of(Kind.PRODUCT, Kind.LIST, Kind.AVAILABILITY, Kind.PRICE_CHANGE)) {
            if (traffic.count(kind) == 0) {
                nothing.add("no " + kind.name().toLowerCase(Locale.ROOT).replace('_', ' ') + " was answered");
            }
        }
        if (stock.staleness().count() == 0) {
            nothing.add("no number of stock was seen");
        }
        return nothing.named("there was something to judge", "");
    }

    private BrowseReport report(Scene scene, StockTruth stock, Evidence evidence, long nanos) {
        var accounts = Accounts.of(evidence);
        var checks = new ArrayList<>(scene.prices().checks());
        checks.add(scene.ownEditsMissed().named("who changed a price sees it there at once", ""));
        checks.add(scene.backwards().named("no reader sees a node go backwards", ""));
        checks.addAll(stock.checks());
        checks.addAll(Checks.ofBrowse(evidence, accounts));
        checks.add(somethingJudged(stock));
        return new BrowseReport(
                urls.stream().map(URI::toString).collect(Collectors.joining(",")),
                runId,
                scenario,
                nanos / 1e9,
                traffic,
                tally,
                accounts.sold(),
                scene.prices().staleness(),
                stock.staleness(),
                stock.wakening(),
                checks);
    }
}
