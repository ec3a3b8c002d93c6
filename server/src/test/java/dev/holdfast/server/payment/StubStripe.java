package dev.holdfast.server.payment;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Stripe's API over HTTP as it is documented: what it says is in {@link StubIntents}; here is what can go wrong on the way. One
 * request at a time, and the same key gets the same answer, errors of the server included.
 */
final class StubStripe implements AutoCloseable {
    /** An answer: status and JSON. */
    record Reply(int status, String json) {}

    /**
     * What becomes of the next call of a step instead.
     *
     * @param isLost never answered
     * @param hasEffect whether it is carried out nevertheless
     * @param reply if it is answered
     */
    record Fault(
            String step,
            boolean isLost,
            boolean hasEffect,
            @Nullable Reply reply) {
        static Fault answered(String step, int status, String type, String code) {
            return new Fault(step, false, false, StubIntents.error(status, type, code, "as if", null));
        }

        /** Somebody else did the same just before. */
        static Fault overtaken(String step) {
            return new Fault(
                    step,
                    false,
                    true,
                    StubIntents.error(
                            400, "invalid_request_error", "payment_intent_unexpected_state", "It could not.", null));
        }

        static Fault lost(String step, boolean hasEffect) {
            return new Fault(step, true, hasEffect, null);
        }
    }

    final StubIntents intents = new StubIntents();
    /** Steps in the order they came: {@code create}, {@code confirm}, … */
    final List<String> steps = new CopyOnWriteArrayList<>();

    final List<Fault> faults = new CopyOnWriteArrayList<>();
    private final Map<String, Reply> replies = new HashMap<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer server;

    StubStripe() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        Map<String, String> form = form(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        String[] path = exchange.getRequestURI().getPath().split("/", -1); // "", v1, payment_intents, id, step
        String step = path[2].equals("refunds")
                ? "refund"
                : path.length == 3 ? "create" : path.length == 4 ? "retrieve" : path[4];
        steps.add(step);
        Fault fault = take(step);
        Reply reply = fault != null && !fault.hasEffect
                ? fault.reply
                : reply(exchange, step, path.length > 3 ? path[3] : "", form);
        if (fault != null && fault.reply != null) {
            reply = fault.reply;
            remember(exchange, reply);
        }
        if (reply == null || (fault != null && fault.isLost)) {
            awaitClose();
            exchange.close();
            return;
        }
        byte[] json = reply.json.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.getResponseHeaders().add("Request-Id", "req_stub");
        exchange.sendResponseHeaders(reply.status, json.length);
        exchange.getResponseBody().write(json);
        exchange.close();
    }

    private synchronized Reply reply(HttpExchange exchange, String step, String id, Map<String, String> form) {
        boolean isRead = exchange.getRequestMethod().equals("GET");
        String key = exchange.getRequestHeaders().getFirst("Idempotency-Key");
        if (isRead == (key != null)) {
            throw new IllegalStateException(step + " with the key " + key);
        }
        Reply known = key == null ? null : replies.get(key);
        Reply reply = known == null ? intents.reply(step, id, form) : known;
        if (key != null) {
            replies.put(key, reply);
        }
        return reply;
    }

    /** Calls that were not begun are not remembered: too many calls at once, a request that is not valid. */
    private synchronized void remember(HttpExchange exchange, Reply reply) {
        String key = exchange.getRequestHeaders().getFirst("Idempotency-Key");
        if (key != null && reply.status >= 500) {
            replies.put(key, reply);
        }
    }

    private synchronized @Nullable Fault take(String step) {
        for (Fault fault : faults) {
            if (fault.step.equals(step)) {
                faults.remove(fault);
                return fault;
            }
        }
        return null;
    }

    private void awaitClose() {
        try {
            closing.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Map<String, String> form(String body) {
        Map<String, String> form = new HashMap<>();
        for (String pair : body.isEmpty() ? new String[0] : body.split("&", -1)) {
            String[] parts = pair.split("=", 2);
            form.put(
                    URLDecoder.decode(parts[0], StandardCharsets.UTF_8),
                    URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
        }
        return form;
    }

    @Override
    public void close() {
        closing.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
