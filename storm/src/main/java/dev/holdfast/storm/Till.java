package dev.holdfast.storm;

import dev.holdfast.storm.Trip.Mode;
import dev.holdfast.storm.Trip.Sale;
import dev.holdfast.storm.Trip.SaleTold;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;

/** Sells in a shop: at once, or without a network within a lease, telling it afterwards in part, in any order, and twice. */
final class Till {

    private static final Duration LEASE = Duration.ofHours(1); // longer than any outage of the storm
    private static final int LEASED_FOR_EACH_SOLD = 2; // the rest is given back
    private static final int OFFLINE_MILLIS_MAX = 1_000;

    /** Which key of an errand is whose; those of offline sales follow. */
    private static final int SALE = 1;

    private static final int LEASE_KEY = 2;
    private static final int FIRST_OFFLINE = 3;

    private final Caller caller;
    private final CheckoutScenario scenario;
    private final Tally tally;

    Till(Caller caller, CheckoutScenario scenario, Tally tally) {
        this.caller = caller;
        this.scenario = scenario;
        this.tally = tally;
    }

    Trip go(Errand errand, Mode mode) {
        return Trip.of(errand, mode == Mode.ONLINE ? List.of(sell(errand)) : sellOffline(errand, mode));
    }

    private Sale sell(Errand errand) {
        long askedAtNanos = System.nanoTime();
        var key = errand.newKey(SALE);
        var request = Request.post("/v1/sales", key.toString(), CheckoutWire.sale(errand));
        boolean lost = errand.kind() == Errand.Kind.SELL_LOST;
        if (lost) {
            tally.duplicate();
            caller.loseAnswer(request);
        }
        var reply = caller.call(request);
        return new Sale(
                key,
                errand.units(),
                Mode.ONLINE,
                List.of(
                        switch (reply) {
                            case Caller.Reply.Answered(var answer, var _)
                            when answer.status() == 201 -> new SaleTold.Sold(0, 0, 0);
                            case Caller.Reply.Answered(var answer, var uncertain)
                            when answer.is(409, Cashier.TOO_FEW) -> {
                                tally.refused(System.nanoTime() - askedAtNanos);
                                yield new SaleTold.Refused(uncertain || lost);
                            }
                            default -> failed("sale failed", reply.brief());
                        }));
    }

    private List<Sale> sellOffline(Errand errand, Mode mode) {
        boolean isTooLate = mode == Mode.AFTER_LEASE;
        long leaseSeconds = (isTooLate ? scenario.ttl() : LEASE).toSeconds();
        var leased = new HashMap<String, Long>();
        errand.units().forEach((sku, units) -> leased.put(sku, units * LEASED_FOR_EACH_SOLD));
        long askedAtNanos = System.nanoTime();
        var key = errand.newKey(LEASE_KEY);
        var lease = caller.call(
                Request.post("/v1/holds", key.toString(), CheckoutWire.hold(leased, leaseSeconds, errand.channel())));
        if (lease instanceof Caller.Reply.Answered(var answer, var _) && answer.is(409, Cashier.TOO_FEW)) {
            tally.refused(System.nanoTime() - askedAtNanos);
            return List.of();
        }
        if (!(lease instanceof Caller.Reply.Answered(var placed, var _)) || placed.status() != 201) {
            tally.mishap("lease not placed", lease.brief());
            return List.of();
        }
        var sales = sold(errand, mode);
        var random = new Random(errand.keyLow());
        offline((isTooLate ? scenario.late().toMillis() : 0) + random.nextInt(OFFLINE_MILLIS_MAX));
        return reconnect("/v1/holds/" + placed.body().path("id").asString("") + "/settlements", sales, random);
    }

    /** Each unit is a sale of its own. */
    private static List<Sale> sold(Errand errand, Mode mode) {
        var sales = new ArrayList<Sale>();
        errand.units()
                .forEach((sku, units) -> IntStream.range(0, units.intValue())
                        .mapToObj(_ ->
                                new Sale(errand.newKey(FIRST_OFFLINE + sales.size()), Map.of(sku, 1L), mode, List.of()))
                        .forEach(sales::add));
        return sales;
    }

    /** The others go on meanwhile. */
    private static void offline(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private List<Sale> reconnect(String path, List<Sale> sales, Random random) {
        var told = new HashMap<UUID, List<SaleTold>>();
        var order = new ArrayList<>(sales);
        Collections.shuffle(order, random);
        settle(path, order.subList(0, (order.size() + 1) / 2), false, told);
        Collections.shuffle(order, random);
        caller.loseAnswer(Request.post(path, null, CheckoutWire.settlement(order, false)));
        settle(path, order, true, told);
        Collections.shuffle(order, random);
        settle(path, order, true, told);
        return sales.stream()
                .map(sale -> new Sale(sale.id(), sale.units(), sale.mode(), told.getOrDefault(sale.id(), List.of())))
                .toList();
    }

    private void settle(String path, List<Sale> sales, boolean close, Map<UUID, List<SaleTold>> told) {
        var all = List.copyOf(sales);
        var answers = settled(all, caller.call(Request.post(path, null, CheckoutWire.settlement(all, close))));
        for (int i = 0; i < all.size(); i++) {
            told.computeIfAbsent(all.get(i).id(), _ -> new ArrayList<>()).add(answers.get(i));
        }
    }

    private List<SaleTold> settled(List<Sale> sales, Caller.Reply reply) {
        if (reply instanceof Caller.Reply.Answered(var answer, var _) && answer.status() == 200) {
            try {
                return CheckoutWire.settled(answer.body(), sales);
            } catch (Wire.Malformed e) {
                return Collections.nCopies(sales.size(), failed("settlement answered with a malformed body", e.why()));
            }
        }
        return Collections.nCopies(sales.size(), failed("settlement failed", reply.brief()));
    }

    private SaleTold failed(String kind, String sample) {
        tally.mishap(kind, sample);
        return new SaleTold.Unknown(kind + ": " + sample);
    }
}
