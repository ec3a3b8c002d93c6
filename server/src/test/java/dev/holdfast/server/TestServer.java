package dev.holdfast.server;

import dev.holdfast.engine.Level;
import dev.holdfast.engine.Sku;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.engine.StockKey;
import dev.holdfast.local.LocalPostgres;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.context.ConfigurableApplicationContext;

/** A server of this module on a port of its own, in this process, and a client for it. */
final class TestServer extends TestClient {
    private static final AtomicLong NAMES = new AtomicLong();

    private final ConfigurableApplicationContext context;

    private TestServer(ConfigurableApplicationContext context) {
        super(context.getEnvironment().getRequiredProperty("local.server.port", Integer.class));
        this.context = context;
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

    /** The server stops; its client lives on to see it. */
    void closeContext() {
        context.close();
    }

    @Override
    public void close() {
        context.close();
        super.close();
    }
}
