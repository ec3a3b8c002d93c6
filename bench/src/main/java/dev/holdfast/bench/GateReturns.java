package dev.holdfast.bench;

import dev.holdfast.engine.Command;
import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.Command.Receive;
import dev.holdfast.engine.Command.ReleaseHold;
import dev.holdfast.engine.Hold;
import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Line;
import dev.holdfast.engine.Outcome;
import dev.holdfast.engine.Quantity;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.engine.StockKey;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** How long a unit that one node gives back cannot be had at another one, which meanwhile refuses those who want two. */
final class GateReturns {
    static final int CALLERS = 32;

    /**
     * In milliseconds from the answer to the release to that of the hold.
     *
     * @param refused how often who asked after the release was told "sold out"
     */
    record Row(String what, int units, int refused, double p50Millis, double p99Millis, double maxMillis) {}

    private GateReturns() {}

    static Row measure(String what, StockEngine here, StockEngine there, int units) {
        var sku = "BACK-" + IdempotencyKey.randomUuidV7();
        here.execute(new Receive(IdempotencyKey.random(), StockKey.of(sku), Quantity.ONE, "bench"));
        var hold = place(here, sku, 1);
        var nanos = new long[units];
        int refused = 0;
        var over = new AtomicBoolean();
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < CALLERS; i++) {
                executor.execute(() -> {
                    while (!over.get()) {
                        place(there, sku, 2);
                    }
                });
            }
            try {
                for (int i = 0; i < units; i++) {
                    if (hold == null) {
                        throw new IllegalStateException("the only unit is gone");
                    }
                    here.execute(ReleaseHold.of(hold.id()));
                    long released = System.nanoTime();
                    hold = place(there, sku, 1);
                    while (hold == null) {
                        refused++;
                        hold = place(there, sku, 1);
                    }
                    nanos[i] = System.nanoTime() - released;
                }
            } finally {
                over.set(true);
            }
        }
        Arrays.sort(nanos);
        return new Row(
                what,
                units,
                refused,
                nanos[(units - 1) / 2] / 1e6,
                nanos[(int) Math.ceil(0.99 * units) - 1] / 1e6,
                nanos[units - 1] / 1e6);
    }

    private static @Nullable Hold place(StockEngine engine, String sku, long quantity) {
        var outcome = engine.execute(
                new PlaceHold(IdempotencyKey.random(), List.of(Line.of(sku, quantity)), Command.TTL_MAX, null, null));
        return outcome instanceof Outcome.Placed placed ? placed.hold() : null;
    }
}
