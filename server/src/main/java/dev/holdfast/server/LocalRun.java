package dev.holdfast.server;

import dev.holdfast.local.AlreadyRunningException;
import dev.holdfast.local.Instance;
import dev.holdfast.local.LocalPostgres;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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
 * The profile {@code local}: one server on one data directory, with a PostgreSQL of its own unless
 * {@code HOLDFAST_DATABASE_URL} names another.
 *
 * <p>Runs before the application context, because the context needs the port and the database; ends after it, because the
 * engine has to drain into the database.
 */
final class LocalRun implements ApplicationContextInitializer<ConfigurableApplicationContext> {
    private static final String DATABASE_URL = "holdfast.database.url";
    private static final int EXIT_ALREADY_RUNNING = 0; // what was wanted is there

    private static final long LOOK_AFTER_MILLIS = 250;

    private final CountDownLatch stopping = new CountDownLatch(1);
    private final PrintStream out = System.out; // this is a conversation with a person, not a log

    @Override
    public void initialize(ConfigurableApplicationContext context) {
        ConfigurableEnvironment environment = context.getEnvironment();
        if (!environment.acceptsProfiles(Profiles.of("local"))) {
            return;
        }
        Instance instance = claim(Path.of(environment.getProperty("holdfast.data", ".holdfast")));
        LocalPostgres postgres = isBlank(environment.getProperty(DATABASE_URL)) ? start(instance.data()) : null;
        Map<String, Object> properties = new HashMap<>();
        if (postgres != null) {
            properties.put(DATABASE_URL, postgres.jdbcUrl());
            properties.put("holdfast.database.user", postgres.user());
            properties.put("holdfast.database.password", postgres.password());
            Thread.ofVirtual().name("local-postgres").start(() -> lookAfter(postgres));
        }
        int wanted = environment.getProperty("server.port", Integer.class, 8080);
        int port = wanted == 0 ? 0 : Instance.freePort(wanted);
        properties.put("server.port", port);
        environment.getPropertySources().addFirst(new MapPropertySource("localRun", properties));

        context.addApplicationListener((ApplicationListener<ApplicationReadyEvent>)
                ready -> ready(ready.getApplicationContext(), instance, wanted));
        context.addApplicationListener((ApplicationListener<ContextClosedEvent>)
                _ -> out.println("Stopping: finishing what was asked, then closing the database …"));
        SpringApplication.getShutdownHandlers().add(() -> stop(instance, postgres));
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

    private LocalPostgres start(Path data) {
        Path postgres = data.resolve("postgres");
        if (!Files.exists(postgres)) {
            out.println("Creating a database in " + postgres + ", once …");
        }
        try {
            return LocalPostgres.start(postgres);
        } catch (RuntimeException e) {
            throw new DatabaseAwayException(
                    "The local PostgreSQL did not start: " + e.getMessage(),
                    "Its log is in " + postgres.resolve("log") + ". HOLDFAST_DATABASE_URL makes Holdfast use another.",
                    e);
        }
    }

    /** Nobody else would start it again. The engine waits for it and reconnects by itself. */
    private void lookAfter(LocalPostgres postgres) {
        boolean said = false;
        try {
            while (!stopping.await(LOOK_AFTER_MILLIS, TimeUnit.MILLISECONDS)) {
                said = startIfGone(postgres, said);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this thread", e);
        }
    }

    /** Whether it has been said that this outage goes on: once is enough, while it is tried again and again. */
    private boolean startIfGone(LocalPostgres postgres, boolean said) {
        try {
            if (postgres.startIfGone()) {
                out.println("PostgreSQL was gone and runs again.");
            }
            return false;
        } catch (IllegalStateException | UncheckedIOException e) {
            if (!said) {
                out.println("PostgreSQL is gone and does not start; trying again and again: " + e.getMessage());
            }
            return true;
        }
    }

    private void ready(ConfigurableApplicationContext context, Instance instance, int wanted) {
        ConfigurableEnvironment environment = context.getEnvironment();
        int port = environment.getProperty("local.server.port", Integer.class, wanted);
        String url = "http://127.0.0.1:" + port;
        String database = EngineConfiguration.withoutParameters(environment.getProperty(DATABASE_URL));
        instance.ready(port, url, Map.of("database", database));
        String taken = wanted == 0 || port == wanted ? "" : "   (" + wanted + " is taken)";
        out.printf("""

                Holdfast is ready.

                  API        %1$s/v1%2$s
                  API docs   %1$s/swagger-ui.html
                  Health     %1$s/actuator/health/readiness
                  Data       %3$s
                  Database   %4$s

                Hold two T-shirts for ten minutes, in another terminal:

                  curl -s %1$s/v1/holds -H 'Content-Type: application/json' -H 'Idempotency-Key: first' \\
                    -d '{"lines": [{"sku": "TSHIRT-M", "quantity": 2}]}'

                Let 10,000 buyers fight for one unit:

                  ./holdfast storm%5$s

                Ctrl-C stops everything.
                """, url, taken, instance.data(), database, port == 8080 ? "" : " --url " + url);
        out.flush();
    }

    private void stop(Instance instance, @Nullable LocalPostgres postgres) {
        stopping.countDown();
        try {
            if (postgres != null) {
                postgres.close();
            }
        } finally {
            instance.close();
        }
        out.println("Stopped.");
    }

    private static boolean isBlank(@Nullable String text) {
        return text == null || text.isBlank();
    }
}
