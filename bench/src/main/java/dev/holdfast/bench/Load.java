package dev.holdfast.bench;

import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Line;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** A closed loop: so many callers, each asking again as soon as it is answered. */
final class Load {
    /** @param perSecond answers in the measured time, divided by it */
    record Result(double perSecond, double p50Millis, double p99Millis, double maxMillis, long refused) {}

    interface Ask {
        boolean ask() throws Exception;
    }

    private Load() {}

    static Result run(WritePath path, Line[] lines, int callers, double warmUpSeconds, double seconds)
            throws Exception {
        return run(
                () -> path.place(
                        IdempotencyKey.randomUuidV7(),
                        lines[
                                lines.length == 1
                                        ? 0
                                        : ThreadLocalRandom.current().nextInt(lines.length)]),
                callers,
                warmUpSeconds,
                seconds);
    }

    static Result run(Ask ask, int callers, double warmUpSeconds, double seconds) throws Exception {
        var latencies = new ConcurrentHistogram(TimeUnit.MINUTES.toNanos(1), 3);
        var refused = new LongAdder();
        var failure = new AtomicReference<@Nullable Exception>();
        var done = new CountDownLatch(callers);
        long begin = System.nanoTime() + (long) (warmUpSeconds * 1e9);
        long end = begin + (long) (seconds * 1e9);
        for (int i = 0; i < callers; i++) {
            Thread.ofVirtual().start(() -> {
                try {
                    for (long asked = System.nanoTime(); asked < end && failure.get() == null; ) {
                        boolean yes = ask.ask();
                        long answered = System.nanoTime();
                        if (answered >= begin && answered < end) {
                            latencies.recordValue(Math.min(answered - asked, latencies.getHighestTrackableValue()));
                            if (!yes) {
                                refused.increment();
                            }
                        }
                        asked = answered;
                    }
                } catch (Exception e) {
                    failure.compareAndSet(null, e);
                } finally {
                    done.countDown();
                }
            });
        }
        done.await();
        var broken = failure.get();
        if (broken != null) {
            throw broken;
        }
        return result(latencies, seconds, refused.sum());
    }

    private static Result result(Histogram latencies, double seconds, long refused) {
        return new Result(
                latencies.getTotalCount() / seconds,
                latencies.getValueAtPercentile(50) / 1e6,
                latencies.getValueAtPercentile(99) / 1e6,
                latencies.getMaxValue() / 1e6,
                refused);
    }
}
