package dev.holdfast.storm;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/** Waits until all has ended that ends, then reads back over HTTP what checkouts, payments, orders and stock say. */
final class CheckoutAudit {

    private static final int PAGE = 200; // what the contract allows
    private static final long LOOK_EVERY_MILLIS = 500;

    private final Audit audit;
    private final CheckoutPlan plan;

    CheckoutAudit(Audit audit, CheckoutPlan plan) {
        this.audit = audit;
        this.plan = plan;
    }

    /** As soon as nothing is open any more, or when the time for that is up. */
    Books read(Collection<Trip> trips) throws InterruptedException {
        var keys = trips.stream()
                .flatMap(trip -> trip.attempts().stream())
                .map(Trip.Attempt::key)
                .toList();
        long deadlineNanos = System.nanoTime() + plan.scenario().settle().toNanos();
        awaitNoHolds(deadlineNanos);
        var books = read(keys);
        while (!books.open().isEmpty() && System.nanoTime() - deadlineNanos < 0) {
            Thread.sleep(LOOK_EVERY_MILLIS);
            books = read(keys);
        }
        return books;
    }

    /** By far the longest to end, and cheap to look at. */
    private void awaitNoHolds(long deadlineNanos) throws InterruptedException {
        while (isHeld() && System.nanoTime() - deadlineNanos < 0) {
            Thread.sleep(LOOK_EVERY_MILLIS);
        }
    }

    private boolean isHeld() throws InterruptedException {
        return Crowd.each(plan.supply().skus(), sku -> {
                    try {
                        return audit.level(sku).held() > 0;
                    } catch (Wire.Malformed e) {
                        return false; // said by who reads it in full
                    }
                })
                .results()
                .contains(true);
    }

    private Books read(List<UUID> keys) throws InterruptedException {
        var checkouts = all(keys, "/v1/checkouts/", "unknown-checkout", CheckoutWire::checkout);
        var payments = all(keys, "/v1/payments/sandbox/", "unknown-payment", CheckoutWire::payment);
        var orders = new ConcurrentHashMap<String, OrderSeen>();
        var unread = Crowd.each(plan.supply().skus(), sku -> orders(sku, orders)).results().stream()
                .filter(why -> !why.isEmpty())
                .toList();
        return new Books(checkouts, payments, orders, unread, audit.stock(), audit.invariants());
    }

    private <T> Map<UUID, Look<T>> all(List<UUID> keys, String path, String unknown, Function<JsonNode, T> read)
            throws InterruptedException {
        var looks =
                Crowd.each(keys, key -> audit.look(path + key, unknown, read)).results();
        var all = new HashMap<UUID, Look<T>>();
        for (int i = 0; i < keys.size(); i++) {
            all.put(keys.get(i), looks.get(i));
        }
        return all;
    }

    /** Why they could not be read; empty if they were. */
    private String orders(String sku, Map<String, OrderSeen> orders) {
        var path = "/v1/orders?limit=" + PAGE + "&sku=" + Audit.encoded(sku);
        try {
            var cursor = "";
            while (true) {
                var page = audit.found(path + cursor);
                for (var order : Wire.array(page, "data")) {
                    var seen = CheckoutWire.order(order);
                    orders.put(seen.id(), seen);
                }
                if (!page.path("nextCursor").isString()) {
                    return "";
                }
                cursor = "&cursor=" + Audit.encoded(page.path("nextCursor").asString());
            }
        } catch (Wire.Malformed e) {
            return sku + ": " + e.why();
        }
    }
}
