package dev.holdfast.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Load from virtual threads: a closed loop of callers who ask again when answered, or arrivals that wait for nobody. */
final class Load {
    /**
     * Once the measured time is over everybody still waiting gets this long: 1,024 callers of a path that decides 100 a second
     * need 10 s. Who has no answer then is interrupted and counts as an error.
     */
    private static final Duration DRAIN_MAX = Duration.ofSeconds(20);

    private static final Duration INTERRUPT_MAX = Duration.ofSeconds(5);

    /** @param perSecond answers in the measured time, divided by it */
    record Result(double perSecond, double p50Millis, double p99Millis, double maxMillis, long refused) {}

    interface Ask {
        boolean ask() throws Exception;
    }

    /** Reads meters at both ends of the measured time. */
    interface Probe {
        Probe NONE = new Probe() {
            @Override
            public void begin() {
                // reads nothing
            }

            @Override
            public void end() {
                // reads nothing
            }
        };

        void begin() throws Exception;

        void end() throws Exception;
    }

    private interface Caller {
        void run() throws InterruptedException;
    }

    private Load() {}

    static Result run(Ask ask, int callers, double warmUpSeconds, double seconds) throws Exception {
        var tally = closed(ask, callers, warmUpSeconds, seconds, Probe.NONE);
        var broken = tally.failure();
        if (broken != null) {
            throw broken;
        }
        return new Result(
                tally.answersPerSecond(),
                tally.percentileMillis(50),
                tally.percentileMillis(99),
                tally.maxMillis(),
                tally.refused());
    }

    /** So many callers, each asking again as soon as it is answered; failures are counted. */
    static Tally closed(Ask ask, int callers, double settleSeconds, double seconds, Probe probe) throws Exception {
        long begin = System.nanoTime() + nanos(settleSeconds);
        long end = begin + nanos(seconds);
        var tally = new Tally(begin, end);
        drive(callers, tally, begin, end, probe, () -> {
            for (long now = System.nanoTime(); now < end; ) {
                now = tally.ask(ask, now);
            }
        });
        return tally;
    }

    /**
     * A request every {@code 1 / perSecond} seconds, whether or not earlier ones are answered. Each has an intended start, and
     * its latency counts from there, so that a stall is paid by all who would have come meanwhile (no coordinated omission).
     *
     * @param inFlightMax how many are asked at once; the others wait in a line that belongs to their latency
     */
    static Arrivals open(Ask ask, double perSecond, int inFlightMax, double settleSeconds, double seconds, Probe probe)
            throws Exception {
        long start = System.nanoTime();
        long begin = start + nanos(settleSeconds);
        long end = begin + nanos(seconds);
        double interval = 1e9 / perSecond;
        var next = new AtomicLong();
        var tally = new Tally(begin, end);
        drive(inFlightMax, tally, begin, end, probe, () -> {
            while (true) {
                long intended = start + (long) (next.get() * interval);
                if (intended >= end || System.nanoTime() >= end) {
                    return;
                }
                intended = start + (long) (next.getAndIncrement() * interval);
                if (intended >= end) {
                    return;
                }
                TimeUnit.NANOSECONDS.sleep(intended - System.nanoTime());
                tally.ask(ask, intended);
            }
        });
        long arrivals = (long) Math.ceil((end - start) / interval);
        long unasked = Math.max(0, arrivals - next.get());
        for (long ticket = arrivals - unasked; ticket < arrivals; ticket++) {
            tally.late(end - start - (long) (ticket * interval)); // they waited at least until the end
        }
        return new Arrivals(tally, unasked);
    }

    /** @param unasked arrivals that nobody was free to ask for before the end */
    record Arrivals(Tally tally, long unasked) {}

    private static void drive(int callers, Tally tally, long begin, long end, Probe probe, Caller caller)
            throws Exception {
        var threads = new ArrayList<Thread>(callers);
        for (int i = 0; i < callers; i++) {
            threads.add(Thread.ofVirtual().start(() -> {
                try {
                    caller.run();
                } catch (InterruptedException e) {
                    tally.abandon(1);
                }
            }));
        }
        try {
            TimeUnit.NANOSECONDS.sleep(begin - System.nanoTime());
            probe.begin();
            TimeUnit.NANOSECONDS.sleep(end - System.nanoTime());
            probe.end();
        } finally {
            if (!joined(threads, end + DRAIN_MAX.toNanos())) {
                threads.forEach(Thread::interrupt);
                joined(threads, System.nanoTime() + INTERRUPT_MAX.toNanos());
                tally.abandon(threads.stream().filter(Thread::isAlive).count());
            }
        }
    }

    private static boolean joined(Iterable<Thread> threads, long deadline) throws InterruptedException {
        for (var thread : threads) {
            if (!thread.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())))) {
                return false;
            }
        }
        return true;
    }

    private static long nanos(double seconds) {
        return (long) (seconds * 1e9);
    }
}
