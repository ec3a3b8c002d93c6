package dev.holdfast.engine.redis;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;

/** What the Redis write paths tell of themselves. */
final class RedisMetrics {
    private final MeterRegistry registry;
    private final Counter refusals;
    private final Counter compensations;
    private final Counter loaded;
    private final Counter drift;

    RedisMetrics(MeterRegistry registry) {
        this.registry = registry;
        refusals = counter("holdfast.redis.refusals", "Refusals of the database repeated without asking it again");
        compensations = counter("holdfast.redis.compensations", "Units' takes given back because no hold came of them");
        loaded = counter("holdfast.redis.loaded", "Counters set from the database because there were none");
        drift = counter("holdfast.redis.drift", "Units by which counters were wrong when they were compared");
    }

    private Counter counter(String name, String description) {
        return Counter.builder(name).description(description).register(registry);
    }

    void breaker(Breaker breaker) {
        Gauge.builder("holdfast.redis.breaker.open", breaker, b -> b.isOpen() ? 1 : 0)
                .description("1 while Redis is left alone because it does not answer")
                .strongReference(true)
                .register(registry);
    }

    void called(Script script, boolean answered, long nanos) {
        Timer.builder("holdfast.redis.calls")
                .description("Calls of scripts by name; answered or not")
                .tag("script", script.name())
                .tag("answered", String.valueOf(answered))
                .register(registry)
                .record(nanos, TimeUnit.NANOSECONDS);
    }

    /** A request that went to the database without what the guard wanted to have before. */
    void passed(String why) {
        Counter.builder("holdfast.redis.passed")
                .description("Requests that went on without a lock, or without units taken from a counter")
                .tag("why", why)
                .register(registry)
                .increment();
    }

    void refused() {
        refusals.increment();
    }

    void compensated(int takes) {
        compensations.increment(takes);
    }

    void loaded(int counters) {
        loaded.increment(counters);
    }

    void drift(long units) {
        drift.increment((double) units);
    }
}
