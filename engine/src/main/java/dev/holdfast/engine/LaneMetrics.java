package dev.holdfast.engine;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/** What the lane tells of itself. The names are listed in {@code docs/reference/configuration.md}. */
final class LaneMetrics {
    private record Kind(Class<?> command, Class<?> outcome) {}

    private final MeterRegistry registry;
    private final DistributionSummary batchSize;
    private final Timer decide;
    private final Timer commit;
    private final Counter reruns;
    private final Counter followed;
    private final Counter reconnects;
    private final Map<Kind, Counter> outcomes = new ConcurrentHashMap<>();

    LaneMetrics(MeterRegistry registry) {
        this.registry = registry;
        batchSize = DistributionSummary.builder("holdfast.lane.batch.size")
                .description("Commands decided in one transaction")
                .serviceLevelObjectives(1, 4, 16, 64, 256, 1024)
                .register(registry);
        decide = Timer.builder("holdfast.lane.decide")
                .description("From the start of a batch until its last decision: locks, reads and rules")
                .publishPercentileHistogram()
                .register(registry);
        commit = Timer.builder("holdfast.lane.commit")
                .description("Writing a batch and committing it")
                .publishPercentileHistogram()
                .register(registry);
        reruns = Counter.builder("holdfast.lane.reruns")
                .description("Batches run again after a conflict, a lost connection or a command that broke")
                .register(registry);
        followed = Counter.builder("holdfast.lane.followed")
                .description("Batches decided on the levels of one that was still being committed")
                .register(registry);
        reconnects = Counter.builder("holdfast.lane.reconnects")
                .description("Connections the lane opened")
                .register(registry);
    }

    void queue(IntSupplier depth) {
        Gauge.builder("holdfast.lane.queue.depth", depth, IntSupplier::getAsInt)
                .description("Commands that wait to be decided")
                .strongReference(true)
                .register(registry);
    }

    void decided(int commands, long nanos) {
        batchSize.record(commands);
        decide.record(nanos, TimeUnit.NANOSECONDS);
    }

    void committed(long nanos) {
        commit.record(nanos, TimeUnit.NANOSECONDS);
    }

    void followed() {
        followed.increment();
    }

    void rerun() {
        reruns.increment();
    }

    void connected() {
        reconnects.increment();
    }

    void answered(Command<?> command, Outcome outcome) {
        outcomes.computeIfAbsent(new Kind(command.getClass(), outcome.getClass()), this::counter)
                .increment();
    }

    private Counter counter(Kind kind) {
        return Counter.builder("holdfast.outcomes")
                .description("Answers by command and outcome")
                .tag("command", kind.command.getSimpleName())
                .tag("outcome", kind.outcome.getSimpleName())
                .register(registry);
    }
}
