package dev.holdfast.server;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.engine.lease.LeaseHint;
import dev.holdfast.engine.redis.Keys;
import dev.holdfast.engine.redis.RedisLeaseHint;
import dev.holdfast.server.redis.RedisLink;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * The engine and its database. Spring closes beans in the opposite order of their making: after the last request the engine
 * drains, then the pool closes.
 */
@Configuration(proxyBeanMethods = false)
class EngineConfiguration {
    private static final Logger LOG = LoggerFactory.getLogger(EngineConfiguration.class);

    /** Between two tries of a starting server. */
    private static final Duration TRY_INTERVAL = Duration.ofMillis(500);

    /** A silent database is reported about this often. */
    private static final Duration REPORT_INTERVAL = Duration.ofSeconds(5);

    /** Answers that waiting does not change: wrong password, unknown user, no such database, no permission. */
    private static final Set<String> HOPELESS = Set.of("28000", "28P01", "3D000", "42501");

    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }

    @Bean(destroyMethod = "close")
    HikariDataSource dataSource(DatabaseProperties database, EngineProperties engine, WritePathProperties properties) {
        if (database.url() == null || database.url().isBlank()) {
            throw new CannotStartException(
                    "No database is configured.",
                    "Set HOLDFAST_DATABASE_URL (jdbc:postgresql://host:5432/name), HOLDFAST_DATABASE_USER and"
                            + " HOLDFAST_DATABASE_PASSWORD, or start with --spring.profiles.active=local, which brings"
                            + " its own PostgreSQL.");
        }
        var config = new HikariConfig();
        config.setPoolName("holdfast");
        config.setJdbcUrl(database.url());
        config.setUsername(database.user());
        config.setPassword(database.password());
        boolean lane = properties.writePath() == WritePathProperty.LANE;
        config.setMaximumPoolSize(lane ? database.poolMax() : database.poolMax() + engine.connections());
        config.setConnectionTimeout(database.connectionWait().toMillis());
        config.setValidationTimeout(Math.min(1_000, database.connectionWait().toMillis()));
        config.setInitializationFailTimeout(-1); // reach() waits, and says so
        config.addDataSourceProperty("ApplicationName", "holdfast");
        config.addDataSourceProperty("tcpKeepAlive", "true");
        config.addDataSourceProperty(
                "connectTimeout", Long.toString(database.connectTimeout().toSeconds()));
        config.addDataSourceProperty(
                "socketTimeout", Long.toString(database.socketTimeout().toSeconds()));
        return new HikariDataSource(config);
    }

    @Bean(destroyMethod = "close")
    StockEngine stockEngine(
            HikariDataSource dataSource,
            DatabaseProperties database,
            EngineProperties engine,
            RedisProperties redis,
            WritePathProperties properties,
            RetentionProperties retention,
            GateProperties gate,
            ObjectProvider<RedisLink> redisLink,
            MeterRegistry meters) {
        var writePath = properties.writePath();
        if (writePath.needsRedis() && !redis.isThere()) {
            throw new CannotStartException(
                    "holdfast.write-path is " + writePath + ", and no Redis is configured.",
                    "Set HOLDFAST_REDIS_URL, or choose a write path without Redis: LANE is the default.");
        }
        reach(dataSource, database);
        return writePath.open(
                dataSource,
                engine.options(retention, gate),
                meters,
                String.valueOf(redis.url()),
                leaseHint(redisLink.getIfAvailable(), dataSource));
    }

    private static LeaseHint leaseHint(@Nullable RedisLink redis, DataSource dataSource) {
        return redis == null ? LeaseHint.NONE : new RedisLeaseHint(redis::commands, Keys.of(dataSource));
    }

    /** Waits for the database, bounded: a server that starts together with its database need not be started twice. */
    private static void reach(HikariDataSource dataSource, DatabaseProperties database) {
        long start = System.nanoTime();
        long reported = start - REPORT_INTERVAL.toNanos();
        while (true) {
            try (Connection connection = dataSource.getConnection()) {
                LOG.debug("database reached: {}", connection);
                return;
            } catch (SQLException e) {
                SQLException cause = rootOf(e);
                Duration waited = Duration.ofNanos(System.nanoTime() - start);
                if (HOPELESS.contains(String.valueOf(cause.getSQLState()))) {
                    throw away(database, "refuses this server: " + cause.getMessage(), cause);
                }
                if (waited.compareTo(database.startWait()) > 0) {
                    throw away(
                            database,
                            "did not answer within " + database.startWait().toSeconds() + " s: " + cause.getMessage(),
                            cause);
                }
                if (System.nanoTime() - reported >= REPORT_INTERVAL.toNanos()) {
                    reported = System.nanoTime();
                    LOG.warn(
                            "The database at {} does not answer yet ({}); trying for another {} s",
                            withoutParameters(database.url()),
                            cause.getMessage(),
                            database.startWait().minus(waited).toSeconds());
                }
                pause();
            }
        }
    }

    private static CannotStartException away(DatabaseProperties database, String what, Throwable cause) {
        return new CannotStartException(
                "The database at " + withoutParameters(database.url()) + " " + what,
                "Check that it runs, and HOLDFAST_DATABASE_URL, HOLDFAST_DATABASE_USER and HOLDFAST_DATABASE_PASSWORD.",
                cause);
    }

    /** Hikari says that it waited in vain; why is in the cause. */
    private static SQLException rootOf(SQLException e) {
        SQLException root = e;
        while (root.getCause() instanceof SQLException cause) {
            root = cause;
        }
        return root;
    }

    /** A URL may carry a password behind the question mark. */
    static String withoutParameters(@Nullable String url) {
        String text = String.valueOf(url);
        int question = text.indexOf('?');
        return question < 0 ? text : text.substring(0, question);
    }

    private static void pause() {
        try {
            TimeUnit.NANOSECONDS.sleep(TRY_INTERVAL.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for the database", e);
        }
    }
}
