package dev.holdfast.server;

import dev.holdfast.engine.Level;
import dev.holdfast.engine.Sku;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.engine.StockKey;
import dev.holdfast.local.LocalPostgres;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.context.ConfigurableApplicationContext;

/** A server of this module on a port of its own, and a client for it. */
final class TestServer implements AutoCloseable {
    private static final AtomicLong NAMES = new AtomicLong();
    private static final Duration ANSWER_MAX = Duration.ofSeconds(30);

    private final ConfigurableApplicationContext context;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI base;

    private TestServer(ConfigurableApplicationContext context) {
        this.context = context;
        this.base = URI.create("http://127.0.0.1:" + context.getEnvironment().getProperty("local.server.port"));
    }

    static TestServer start(LocalPostgres postgres, String database, String... more) {
        return start(List.of(), postgres, database, more);
    }

    /** With more beans. */
    static TestServer start(List<Class<?>> configurations, LocalPostgres postgres, String database, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "--server.port=0",
                "--server.address=127.0.0.1",
                "--holdfast.database.url=" + postgres.jdbcUrl(database),
                "--holdfast.database.user=" + postgres.user(),
                "--holdfast.database.password=" + postgres.password(),
                "--logging.structured.format.console=",
                "--logging.level.root=warn"));
        arguments.addAll(Arrays.asList(more));
        var application = HoldfastServer.application(configurations.toArray(Class<?>[]::new));
        application.setRegisterShutdownHook(false);
        return new TestServer(application.run(arguments.toArray(String[]::new)));
    }

    /** The name of a SKU that nobody else uses. */
    static String newSku() {
        return "SKU-" + NAMES.incrementAndGet();
    }

    static String newKey() {
        return UUID.randomUUID().toString();
    }

    StockEngine engine() {
        return context.getBean(StockEngine.class);
    }

    <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    <T> Collection<T> beans(Class<T> type) {
        return context.getBeansOfType(type).values();
    }

    /** At main. */
    Level level(String sku) {
        return engine().levels(new Sku(sku)).stream()
                .filter(level -> level.stock().equals(StockKey.of(sku)))
                .findAny()
                .orElseThrow();
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
        all[headers.length + 1] = newKey();
        return post(path, json, all);
    }

    String receive(long units) {
        String sku = newSku();
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

    /** The server stops; its client lives on to see it. */
    void closeContext() {
        context.close();
    }

    @Override
    public void close() {
        context.close();
        client.close();
    }
}
