package dev.holdfast.server;

import dev.holdfast.local.AlreadyRunningException;
import dev.holdfast.local.Instance;
import dev.holdfast.local.LocalPostgres;
import dev.holdfast.local.LocalRedis;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.Profiles;

/**
 * The profile {@code local}: one server on one data directory, with a PostgreSQL and a Redis of its own unless
 * {@code HOLDFAST_DATABASE_URL} and {@code HOLDFAST_REDIS_URL} name others, and further servers beside it if asked for
 * ({@link LocalNodes}).
 *
 * <p>Runs before the application context, because the context needs the port and the database; ends after it, because the
 * engine has to drain into the database.
 */
final class LocalRun implements ApplicationContextInitializer<ConfigurableApplicationContext> {
    private static final String DATABASE_URL = "holdfast.database.url";
    private static final String DATABASE_USER = "holdfast.database.user";
    private static final String DATABASE_PASSWORD = "holdfast.database.password";
    private static final String REDIS_URL = RedisProperties.URL;
    private static final int EXIT_ALREADY_RUNNING = 0; // what was wanted is there
    private static final int EXIT_FAILURE = 1;

    private static final long LOOK_AFTER_MILLIS = 250;

    private final CountDownLatch stopping = new CountDownLatch(1);
    private final PrintStream out = System.out; // this is a conversation with a person, not a log

    private volatile CompletableFuture<Optional<LocalRedis>> redis =
            CompletableFuture.completedFuture(Optional.empty());

    private volatile @Nullable LocalPostgres postgres;
    private volatile @Nullable LocalNodes nodes;

    @Override
    public void initialize(ConfigurableApplicationContext context) {
        ConfigurableEnvironment environment = context.getEnvironment();
        if (!environment.acceptsProfiles(Profiles.of("local"))) {
            return;
        }
        if (environment.acceptsProfiles(Profiles.of(LocalNodes.PROFILE))) {
            LocalNodes.endWithTheFirst();
            return;
        }
        Instance instance = claim(Path.of(environment.getProperty("holdfast.data", ".holdfast")));
        SpringApplication.getShutdownHandlers().add(() -> stop(instance)); // before there is anything to stop
        Map<String, Object> properties = startServers(environment, instance.data());
        int wanted = environment.getProperty("server.port", Integer.class, 8080);
        properties.put("server.port", wanted == 0 ? 0 : Instance.freePort(wanted));
        environment.getPropertySources().addFirst(new MapPropertySource("localRun", properties));

        context.addApplicationListener(
                (ApplicationListener<ApplicationReadyEvent>) ready -> ready(ready, instance, wanted));
        context.addApplicationListener((ApplicationListener<ContextClosedEvent>) _ -> stopping());
    }

    /** PostgreSQL and Redis, at the same time, where none is named; what the server has to know of them. */
    private Map<String, Object> startServers(ConfigurableEnvironment environment, Path data) {
        Map<String, Object> properties = new HashMap<>();
        String redisUrl = environment.getProperty(REDIS_URL);
        if (redisUrl == null) {
            redis = LocalRedis.startBeside(data.resolve("redis"), out::println);
        }
        if (isBlank(environment.getProperty(DATABASE_URL))) {
            LocalPostgres started = startPostgres(data);
            postgres = started;
            properties.put(DATABASE_URL, started.jdbcUrl());
            properties.put(DATABASE_USER, started.user());
            properties.put(DATABASE_PASSWORD, started.password());
            lookAfter("PostgreSQL", started::startIfGone);
        }
        if (redisUrl == null) {
            Optional<LocalRedis> started = redis.join();
            properties.put(REDIS_URL, started.map(LocalRedis::url).orElse(RedisProperties.NONE));
            started.ifPresent(server -> lookAfter("Redis", server::startIfGone));
        }
        return properties;
    }

    private Instance claim(Path data) {
        try {
            return Instance.claim(data);
        } catch (AlreadyRunningException e) {
            out.println(e.getMessage());
            System.exit(EXIT_ALREADY_RUNNING);
            throw new AssertionError(e);
        }
    }

    private LocalPostgres startPostgres(Path data) {
        Path postgres = data.resolve("postgres");
        if (!Files.exists(postgres)) {
            out.println("Creating a database in " + postgres + ", once …");
        }
        try {
            return LocalPostgres.start(postgres);
        } catch (RuntimeException e) {
            throw new CannotStartException(
                    "The local PostgreSQL did not start: " + e.getMessage(),
                    "Its log is in " + postgres.resolve("log") + ". HOLDFAST_DATABASE_URL makes Holdfast use another.",
                    e);
        }
    }

    /** Nobody else would start it again. Its users wait for it, or do without, and reconnect by themselves. */
    private void lookAfter(String name, BooleanSupplier startIfGone) {
        Thread.ofVirtual().name("local-" + name).start(() -> {
            boolean said = false;
            try {
                while (!stopping.await(LOOK_AFTER_MILLIS, TimeUnit.MILLISECONDS)) {
                    said = startIfGone(name, startIfGone, said);
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException("nobody interrupts this thread", e);
            }
        });
    }

    /** Whether it has been said that this outage goes on: once is enough, while it is tried again and again. */
    private boolean startIfGone(String name, BooleanSupplier startIfGone, boolean said) {
        try {
            if (startIfGone.getAsBoolean()) {
                out.println(name + " was gone and runs again.");
            }
            return false;
        } catch (IllegalStateException | UncheckedIOException e) {
            if (!said) {
                out.println(name + " is gone and does not start; trying again and again: " + e.getMessage());
            }
            return true;
        }
    }

    private void ready(ApplicationReadyEvent event, Instance instance, int wanted) {
        ConfigurableEnvironment environment = event.getApplicationContext().getEnvironment();
        int port = environment.getProperty("local.server.port", Integer.class, wanted);
        String url = "http://127.0.0.1:" + port;
        String database = EngineConfiguration.withoutParameters(environment.getProperty(DATABASE_URL));
        String redisUrl = RedisProperties.withoutPassword(environment.getProperty(REDIS_URL, RedisProperties.NONE));
        var started = new LocalNodes(event.getArgs(), forNodes(environment), out, () -> {
            instance.ready(port, url, properties(database, redisUrl));
        });
        nodes = started;
        try {
            started.start(environment.getProperty("holdfast.nodes", Integer.class, 1), port);
        } catch (IllegalStateException | UncheckedIOException e) {
            out.println(e.getMessage());
            System.exit(EXIT_FAILURE);
        }
        instance.ready(port, url, properties(database, redisUrl));
        String taken = wanted == 0 || port == wanted ? "" : "   (" + wanted + " is taken)";
        out.printf(
                """

                Holdfast is ready.

                  API        %1$s/v1%2$s
                %7$s\
                  API docs   %1$s/swagger-ui.html
                  Health     %1$s/actuator/health/readiness
                  Data       %3$s
                  Database   %4$s
                  Redis      %5$s

                Hold two T-shirts for ten minutes, in another terminal:

                  curl -s %1$s/v1/holds -H 'Content-Type: application/json' -H 'Idempotency-Key: first' \\
                    -d '{"lines": [{"sku": "TSHIRT-M", "quantity": 2}]}'

                Let 10,000 buyers fight for one unit:

                  ./holdfast storm%6$s

                Ctrl-C stops everything.
                """,
                url, taken, instance.data(), database, redisUrl, port == 8080 ? "" : " --url " + url, started.lines());
        out.flush();
    }

    private Map<String, String> properties(String database, String redisUrl) {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("database", database);
        properties.put("redis", redisUrl);
        LocalNodes current = nodes;
        if (current != null) {
            properties.putAll(current.properties());
        }
        return properties;
    }

    private static Map<String, String> forNodes(ConfigurableEnvironment environment) {
        return Map.of(
                "HOLDFAST_DATABASE_URL", environment.getProperty(DATABASE_URL, ""),
                "HOLDFAST_DATABASE_USER", environment.getProperty(DATABASE_USER, ""),
                "HOLDFAST_DATABASE_PASSWORD", environment.getProperty(DATABASE_PASSWORD, ""),
                "HOLDFAST_REDIS_URL", environment.getProperty(REDIS_URL, RedisProperties.NONE));
    }

    private void stopping() {
        LocalNodes current = nodes;
        if (current != null) {
            current.stop();
        }
        out.println("Stopping: finishing what was asked, then closing the database …");
    }

    /** After this server, the other nodes; then what they used. */
    private void stop(Instance instance) {
        stopping.countDown();
        try {
            LocalNodes current = nodes;
            if (current != null) {
                current.stop();
                current.awaitEnd();
            }
            redis.join().ifPresent(LocalRedis::close);
        } finally {
            LocalPostgres started = postgres;
            if (started != null) {
                started.close();
            }
            instance.close();
        }
        out.println("Stopped.");
    }

    private static boolean isBlank(@Nullable String text) {
        return text == null || text.isBlank();
    }
}
