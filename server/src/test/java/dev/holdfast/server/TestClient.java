package dev.holdfast.server;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.UUID;

/** Asks a server, wherever it runs. */
class TestClient implements AutoCloseable {
    private static final Duration ANSWER_MAX = Duration.ofSeconds(30);

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI base;

    TestClient(int port) {
        this.base = URI.create("http://127.0.0.1:" + port);
    }

    int port() {
        return base.getPort();
    }

    Reply get(String path, String... headers) {
        return send("GET", path, null, headers);
    }

    Reply put(String path, String json, String... headers) {
        return send("PUT", path, json, headers);
    }

    Reply post(String path, String json, String... headers) {
        return send("POST", path, json, headers);
    }

    /** With a new idempotency key. */
    Reply postNew(String path, String json, String... headers) {
        String[] all = Arrays.copyOf(headers, headers.length + 2);
        all[headers.length] = "Idempotency-Key";
        all[headers.length + 1] = UUID.randomUUID().toString();
        return post(path, json, all);
    }

    String receive(long units) {
        String sku = TestServer.newSku();
        receive(sku, "main", units);
        return sku;
    }

    void receive(String sku, String location, long units) {
        Reply reply = postNew("/v1/stock/receipts", """
                {"sku": "%s", "location": "%s", "quantity": %d}""".formatted(sku, location, units));
        if (reply.status() != 201) {
            throw new AssertionError(reply);
        }
    }

    /** A body gets Content-Type: application/json unless the headers say otherwise; null: no body. */
    Reply send(String method, String path, @org.jspecify.annotations.Nullable String body, String... headers) {
        var request = HttpRequest.newBuilder(base.resolve(path))
                .timeout(ANSWER_MAX)
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        for (int i = 0; i < headers.length; i += 2) {
            if (!headers[i + 1].isEmpty()
                    || !headers[i].toLowerCase(Locale.ROOT).equals("content-type")) {
                request.header(headers[i], headers[i + 1]);
            }
        }
        boolean typed = Arrays.stream(headers).anyMatch(header -> header.equalsIgnoreCase("Content-Type"));
        if (body != null && !typed) {
            request.header("Content-Type", "application/json");
        }
        return send(request.build());
    }

    Reply send(HttpRequest request) {
        try {
            return Reply.of(client.send(request, BodyHandlers.ofByteArray()));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    URI uri(String path) {
        return base.resolve(path);
    }

    @Override
    public void close() {
        client.close();
    }
}
