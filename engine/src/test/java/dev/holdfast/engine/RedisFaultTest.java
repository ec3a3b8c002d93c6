package dev.holdfast.engine;

import dev.holdfast.engine.redis.RedisWritePaths;
import dev.holdfast.engine.redis.TestRedis;
import dev.holdfast.local.LocalRedis;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Redis comes and goes in mid-storm: no oversell, no acknowledged hold lost, and counters that are right again soon. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RedisFaultTest {
    private static final Duration AGREE_WITHIN = Duration.ofSeconds(5);

    private final LocalRedis server = LocalRedis.startTemporary();

    @AfterAll
    void stop() {
        server.close();
    }

    enum Fault {
        NONE {
            @Override
            void strike(LocalRedis redis, Storm storm) {
                storm.awaitHolds(storm.holds() + 100);
            }
        },
        KILLED {
            @Override
            void strike(LocalRedis redis, Storm storm) {
                redis.kill();
                storm.awaitHolds(storm.holds() + 200);
            }

            @Override
            void end(LocalRedis redis) {
                redis.startAgain();
            }
        },
        PAUSED {
            @Override
            void strike(LocalRedis redis, Storm storm) {
                redis.pause();
                storm.awaitHolds(storm.holds() + 200);
                redis.resume();
            }
        },
        FLUSHED {
            @Override
            void strike(LocalRedis redis, Storm storm) {
                try (var plain = TestRedis.connect(redis)) {
                    plain.commands().flushall();
                    storm.awaitHolds(storm.holds() + 20);
                    plain.commands().flushall();
                }
            }
        },
        RESTARTED {
            @Override
            void strike(LocalRedis redis, Storm storm) {
                redis.kill();
                redis.startAgain();
            }
        };

        abstract void strike(LocalRedis redis, Storm storm);

        void end(LocalRedis redis) {}
    }

    private interface Path {
        StockEngine open(DataSource dataSource, StockEngine.Options options, MeterRegistry meters, String redisUrl);
    }

    @ParameterizedTest
    @EnumSource
    void lock(Fault fault) {
        storm(fault, RedisWritePaths::lock, _ -> {});
    }

    @ParameterizedTest
    @EnumSource
    void counter(Fault fault) {
        storm(fault, RedisWritePaths::counter, this::assertCountersAgreeSoon);
    }

    @Test
    void anEngineStartsWithoutRedisAndUsesItFromWhenItIsThere() {
        server.kill();
        var database = TestDatabase.create();
        try (var engine = open(database, RedisWritePaths::counter)) {
            var shop = new Shop(database, engine);
            shop.receive("S0", 1_000);
            shop.place(60, Line.of("S0", 1));
            server.startAgain();
            Awaitility.await().atMost(AGREE_WITHIN).untilAsserted(() -> {
                shop.place(60, Line.of("S0", 1));
                try (var redis = TestRedis.connect(server)) {
                    assertThat(redis.available(database.dataSource(), StockKey.of("S0")))
                            .isNotNull();
                }
            });
        }
    }

    private void storm(Fault fault, Path path, Consumer<TestDatabase> afterwards) {
        var database = TestDatabase.create();
        try (var one = open(database, path);
                var two = open(database, path)) {
            var storm = new Storm(one, two);
            storm.during(() -> fault.strike(server, storm));
            fault.end(server);
            afterwards.accept(database);
            storm.assertNothingLostAndNothingDoubled(database);
        }
    }

    private void assertCountersAgreeSoon(TestDatabase database) {
        try (var redis = TestRedis.connect(server)) {
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(50))
                    .atMost(AGREE_WITHIN)
                    .untilAsserted(() -> {
                        assertThat(database.rows("SELECT sku, on_hand - held - allocated FROM stock_level"))
                                .hasSize(Storm.STOCKS)
                                .allSatisfy(row -> assertThat(row).isEqualTo(counter(redis, database, row)));
                        assertThat(redis.inFlight(database.dataSource())).isZero();
                    });
        }
    }

    private static String counter(TestRedis redis, TestDatabase database, String row) {
        var sku = row.substring(0, row.indexOf(','));
        return sku + "," + redis.available(database.dataSource(), StockKey.of(sku));
    }

    private StockEngine open(TestDatabase database, Path path) {
        return path.open(database.dataSource(), TestDatabase.UNSWEPT, new SimpleMeterRegistry(), server.url());
    }
}
