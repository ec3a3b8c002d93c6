package dev.holdfast.engine;

import dev.holdfast.engine.redis.RedisWritePaths;
import dev.holdfast.local.LocalRedis;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The ways to write, for contract tests that run against every one of them. */
enum Path {
    LANE(WritePath.LANE),

    /** Every batch follows the one before it, which only large ones do otherwise. */
    FOLLOWING_LANE(WritePath.LANE) {
        @Override
        StockEngine open(DataSource dataSource, StockEngine.Options options, MeterRegistry meters) {
            return super.open(dataSource, options.withBatchMax(4), meters);
        }
    },
    ATOMIC(WritePath.ATOMIC),
    OPTIMISTIC(WritePath.OPTIMISTIC),
    PESSIMISTIC(WritePath.PESSIMISTIC),
    REDIS_LOCK(null) {
        @Override
        StockEngine open(DataSource dataSource, StockEngine.Options options, MeterRegistry meters) {
            return RedisWritePaths.lock(dataSource, options, meters, Redis.SERVER.url());
        }
    },
    REDIS_COUNTER(null) {
        @Override
        StockEngine open(DataSource dataSource, StockEngine.Options options, MeterRegistry meters) {
            return RedisWritePaths.counter(dataSource, options, meters, Redis.SERVER.url());
        }
    };

    /** One for the whole test run; keys are told apart by the database's name. */
    private static final class Redis {
        static final LocalRedis SERVER = LocalRedis.startTemporary();
    }

    private final @Nullable WritePath writePath;

    Path(@Nullable WritePath writePath) {
        this.writePath = writePath;
    }

    StockEngine open(DataSource dataSource, StockEngine.Options options, MeterRegistry meters) {
        return StockEngine.open(dataSource, options.withWritePath(Objects.requireNonNull(writePath)), meters);
    }
}
