package dev.holdfast.storm;

import dev.holdfast.storm.Check.Findings;
import dev.holdfast.storm.Evidence.Invariants;
import dev.holdfast.storm.Evidence.Shelf;
import dev.holdfast.storm.HoldSeen.State;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What must be true after a storm, judged from the outside. Pure: evidence in, checks out. */
final class Checks {

    private final Evidence evidence;
    private final Accounts accounts;
    private final Supply supply;

    private Checks(Evidence evidence, Accounts accounts) {
        this.evidence = evidence;
        this.accounts = accounts;
        this.supply = evidence.supply();
    }

    static List<Check> all(Evidence evidence, Accounts accounts) {
        var checks = new Checks(evidence, accounts);
        return List.of(
                checks.notOversold(),
                checks.noSaleMissed(),
                checks.levelsAgree(),
                checks.acknowledgedExist(),
                checks.refusedDoNotExist(),
                checks.oneKeyOneHold(),
                ledgerAddsUp(evidence.stock()),
                invariants(evidence.invariants()));
    }

    /** Those that stay true while goods are received: who was refused may have come before them. */
    static List<Check> ofBrowse(Evidence evidence, Accounts accounts) {
        var checks = new Checks(evidence, accounts);
        return List.of(
                checks.notOversold(),
                checks.levelsAgree(),
                checks.acknowledgedExist(),
                checks.refusedDoNotExist(),
                checks.oneKeyOneHold(),
                ledgerAddsUp(evidence.stock()),
                invariants(evidence.invariants()));
    }

    /** Those that need no idempotency keys, no ledger and no server. */
    static List<Check> ofControl(Evidence evidence, Accounts accounts) {
        var checks = new Checks(evidence, accounts);
        return List.of(checks.notOversold(), checks.noSaleMissed(), checks.levelsAgree());
    }

    private Check notOversold() {
        var findings = new Findings();
        for (var sku : accounts.skusOversold(supply)) {
            findings.add("%s: %,d units sold, %,d there were"
                    .formatted(sku, accounts.of(sku).sold(), supply.unitsOf(sku)));
        }
        return findings.named("no unit sold twice", "");
    }

    /**
     * Stock only ever shrinks unless a hold ends without a sale, so a cart that was rightly refused still does not fit
     * into what is left. With one line a cart this says: sold = the smaller of demand and supply.
     */
    private Check noSaleMissed() {
        var name = "nobody refused what was there";
        if (accounts.unitsReturned() > 0) {
            return new Findings().named(name, "not judged, units came back: %,d".formatted(accounts.unitsReturned()));
        }
        var findings = new Findings();
        for (var deal : evidence.deals()) {
            boolean fits = deal.intent().cart().stream()
                    .allMatch(sku -> accounts.of(sku).sold() < supply.unitsOf(sku));
            if (fits && Accounts.exit(deal, evidence) == Accounts.Exit.REFUSED) {
                findings.add("key %s refused, yet all of %s is left"
                        .formatted(deal.key(), deal.intent().cart()));
            }
        }
        return findings.named(name, "");
    }

    private Check levelsAgree() {
        var findings = new Findings();
        evidence.stock().forEach((sku, shelf) -> level(sku, shelf, findings));
        return findings.named("levels agree with what buyers were told", "");
    }

    private void level(String sku, Shelf shelf, Findings findings) {
        var level = shelf.level();
        if (level == null) {
            findings.add(sku + ": " + shelf.trouble());
            return;
        }
        var told = accounts.of(sku);
        long firmlyHeld = told.held() - told.mayLapse();
        if (level.held() < firmlyHeld || level.held() > told.held()) {
            findings.add("%s: held %,d, buyers were told %,d".formatted(sku, level.held(), told.held()));
        }
        if (level.allocated() != told.confirmed()) {
            findings.add("%s: allocated %,d, buyers were told %,d".formatted(sku, level.allocated(), told.confirmed()));
        }
        if (level.onHand() != supply.unitsOf(sku)) {
            findings.add("%s: on hand %,d, received %,d".formatted(sku, level.onHand(), supply.unitsOf(sku)));
        }
        if (level.available() != level.availableByFormula() || level.available() != level.availableInAll()) {
            findings.add("%s: available %,d (in all %,d), by the formula %,d"
                    .formatted(sku, level.available(), level.availableInAll(), level.availableByFormula()));
        }
    }

    private Check acknowledgedExist() {
        var findings = new Findings();
        var acknowledged = evidence.deals().stream()
                .filter(deal -> deal.hold().isPresent())
                .toList();
        acknowledged.forEach(deal -> acknowledged(deal).ifPresent(findings::add));
        return findings.named("every acknowledged hold exists as acknowledged", lookedUp(acknowledged));
    }

    private Optional<String> acknowledged(Deal deal) {
        var hold = Accounts.promised(deal, evidence).orElseThrow();
        return evidence.lookup(deal).flatMap(lookup -> switch (lookup) {
            case Look.Missing<HoldSeen> m -> Optional.of("hold " + hold.id() + " was acknowledged and does not exist");
            case Look.Unreadable<HoldSeen> u -> Optional.of("hold " + hold.id() + ": " + u.why());
            case Look.Found<HoldSeen> f -> difference(deal, hold, f.it());
        });
    }

    private Optional<String> difference(Deal deal, HoldSeen told, HoldSeen seen) {
        var state = Accounts.toldState(deal.ended());
        boolean mayLapse = state == State.ACTIVE
                && seen.state() == State.EXPIRED
                && told.lapsedBy(evidence.readAt().plus(Buyer.CLOCKS_APART_MAX));
        boolean unknown = deal.ended() instanceof Deal.Ended.Failed;
        if (!seen.id().equals(told.id()) || !seen.sameContent(told)) {
            return Optional.of("hold %s has %s, acknowledged was %s".formatted(told.id(), seen.lines(), told.lines()));
        }
        if (seen.state() != state && !mayLapse && !unknown) {
            return Optional.of("hold %s is %s, told was %s".formatted(told.id(), seen.state(), state));
        }
        if (seen.state() == State.ACTIVE && !unknown && !seen.sameExpiry(told)) {
            return Optional.of(
                    "hold %s expires at %s, told was %s".formatted(told.id(), seen.expiresAt(), told.expiresAt()));
        }
        return Optional.empty();
    }

    private Check refusedDoNotExist() {
        var findings = new Findings();
        for (var deal : evidence.deals()) {
            deal.hold()
                    .filter(hold -> !hold.id().equals(deal.key().toString()))
                    .ifPresent(
                            hold -> findings.add("hold %s is not named after its UUIDv7 key %s: none can be looked up"
                                    .formatted(hold.id(), deal.key())));
        }
        // A sending whose answer was lost may be decided after the refusal, and find stock that came back in between.
        boolean late = accounts.unitsReturned() > 0;
        var refused = evidence.deals().stream()
                .filter(deal -> deal.refused() && !(late && deal.uncertain()))
                .toList();
        for (var deal : refused) {
            evidence.lookup(deal).ifPresent(lookup -> {
                switch (lookup) {
                    case Look.Missing<HoldSeen> m -> {}
                    case Look.Unreadable<HoldSeen> u -> findings.add("key " + deal.key() + ": " + u.why());
                    case Look.Found<HoldSeen> f ->
                        findings.add("key %s was refused, yet hold %s is %s"
                                .formatted(deal.key(), f.it().id(), f.it().state()));
                }
            });
        }
        return findings.named("no refused hold exists", lookedUp(refused));
    }

    private String lookedUp(List<Deal> deals) {
        long looked =
                deals.stream().filter(deal -> evidence.lookup(deal).isPresent()).count();
        return looked == deals.size() ? "" : "%,d of %,d looked up".formatted(looked, deals.size());
    }

    private Check oneKeyOneHold() {
        var findings = new Findings();
        evidence.deals().forEach(deal -> doubled(deal).forEach(findings::add));
        return findings.named("one key, one hold", "");
    }

    private Stream<String> doubled(Deal deal) {
        var placed = deal.told().stream()
                .flatMap(told -> told instanceof Told.Placed p ? Stream.of(p) : Stream.empty())
                .toList();
        if (placed.isEmpty()) {
            return Stream.empty();
        }
        var violations = Stream.<String>builder();
        var first = placed.getFirst().hold();
        for (var other : placed.subList(1, placed.size())) {
            if (!other.hold().id().equals(first.id())) {
                violations.add("key %s gave holds %s and %s"
                        .formatted(deal.key(), first.id(), other.hold().id()));
            } else if (!other.hold().sameContent(first) || !other.hold().sameExpiry(first)) {
                violations.add("key %s gave hold %s twice with different content".formatted(deal.key(), first.id()));
            }
        }
        long fresh = placed.stream().filter(p -> !p.replayed()).count();
        if (fresh > 1) {
            violations.add(
                    "key %s was answered %d times as new, without Idempotent-Replayed".formatted(deal.key(), fresh));
        }
        if (fresh == 0 && !deal.uncertain()) {
            violations.add("key %s was only ever answered as replayed".formatted(deal.key()));
        }
        if (refusedThoughPlaced(deal)) {
            violations.add("key %s has hold %s and was refused too".formatted(deal.key(), first.id()));
        }
        return violations.build();
    }

    /** No is not remembered: the same key may win later, but only if units came back; never the other way round. */
    private boolean refusedThoughPlaced(Deal deal) {
        boolean both = deal.told().stream().anyMatch(Told.Refused.class::isInstance);
        boolean noAfterYes =
                deal.intent().repeat() == Intent.Repeat.AFTER && deal.told().getFirst() instanceof Told.Placed;
        return both && (noAfterYes || accounts.unitsReturned() == 0);
    }

    static Check ledgerAddsUp(Map<String, Shelf> stock) {
        var findings = new Findings();
        long cut = 0;
        for (var entry : stock.entrySet()) {
            var ledger = entry.getValue().ledger();
            var level = entry.getValue().level();
            if (ledger == null || level == null) {
                findings.add(entry.getKey() + ": " + entry.getValue().trouble());
                continue;
            }
            cut += ledger.complete() ? 0 : 1;
            ledger(entry.getKey(), ledger, level).ifPresent(findings::add);
        }
        return findings.named(
                "the ledger has no gap and sums to the level",
                cut == 0 ? "" : "newest movements only for %,d SKUs".formatted(cut));
    }

    private static Optional<String> ledger(String sku, LedgerSeen ledger, LevelSeen level) {
        long expected = level.version();
        for (var movement : ledger.newestFirst()) {
            if (movement.version() != expected) {
                return Optional.of("%s: movement %,d follows, %,d expected (newest first)"
                        .formatted(sku, movement.version(), expected));
            }
            expected--;
        }
        if (!ledger.complete()) {
            return Optional.empty();
        }
        if (expected != 0) {
            return Optional.of("%s: movements 1 to %,d are missing".formatted(sku, expected));
        }
        return sums(sku, ledger, level);
    }

    private static Optional<String> sums(String sku, LedgerSeen ledger, LevelSeen level) {
        long onHand = 0;
        long held = 0;
        long allocated = 0;
        long shortfall = 0;
        var movements = ledger.newestFirst().reversed();
        for (int i = 0; i < movements.size(); i++) {
            var movement = movements.get(i);
            onHand += movement.onHandDelta();
            held += movement.heldDelta();
            allocated += movement.allocatedDelta();
            shortfall += movement.shortfallDelta();
            boolean isCovered = held + allocated <= onHand + shortfall
                    || (i + 1 < movements.size() && movements.get(i + 1).mayEndReplacedBy(movement));
            if (held < 0 || allocated < 0 || !isCovered) {
                return Optional.of("%s: after movement %,d, %,d held and %,d allocated of %,d on hand, shortfall %,d"
                        .formatted(sku, movement.version(), held, allocated, onHand, shortfall));
            }
        }
        boolean right = onHand == level.onHand()
                && held == level.held()
                && allocated == level.allocated()
                && shortfall == level.shortfall();
        return right
                ? Optional.empty()
                : Optional.of(
                        "%s: the ledger sums to %,d on hand, %,d held, %,d allocated, shortfall %,d; the level is %s"
                                .formatted(sku, onHand, held, allocated, shortfall, level));
    }

    static Check invariants(Invariants server) {
        var findings = new Findings();
        server.violations().forEach(findings::add);
        if (!server.ok() && server.violations().isEmpty()) {
            findings.add("the server says its invariants do not hold, and not which");
        }
        return findings.named("the server's own invariants hold", "");
    }
}
