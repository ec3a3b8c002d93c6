package dev.holdfast.engine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of one stock. Units are whole and never negative.
 *
 * @param onHand physically there
 * @param held promised to live holds
 * @param allocated promised to confirmed holds, not yet shipped
 * @param safetyStock kept back from new promises
 * @param backorderLimit units that may be promised beyond what is on hand
 * @param shortfall units promised that a count could not find; only a count or a settled sale raises it, every later movement works it off
 * @param version the number of this stock's last movement; 0 before the first
 * @param buffers what is kept for some channels from others
 */
public record Level(
        StockKey stock,
        long onHand,
        long held,
        long allocated,
        long safetyStock,
        long backorderLimit,
        long shortfall,
        long version,
        List<Buffer> buffers) {

    /** 10^15: a million receipts of the largest quantity; sums of several such numbers stay within a long. */
    public static final long UNITS_MAX = 1_000_000_000_000_000L;

    public Level(
            StockKey stock,
            long onHand,
            long held,
            long allocated,
            long safetyStock,
            long backorderLimit,
            long shortfall,
            long version) {
        this(stock, onHand, held, allocated, safetyStock, backorderLimit, shortfall, version, List.of());
    }

    static Level empty(StockKey stock) {
        return new Level(stock, 0, 0, 0, 0, 0, 0, 0);
    }

    /** What may still be promised to whoever names no channel. */
    public long available() {
        return available(null);
    }

    /** What may still be promised to a channel. */
    public long available(@Nullable String channel) {
        return Math.max(0, uncommitted() - safetyStock - Buffer.keptFrom(channel, buffers));
    }

    /** Units no promise rests on; may be moved or written off, safety stock included. */
    long uncommitted() {
        return onHand + backorderLimit + shortfall - promised();
    }

    /** Units that can leave the shelf for a new taker: there, and nobody else's. */
    long removable() {
        return Math.min(onHand, uncommitted());
    }

    /** Units that can be handed over at a till: there, promised to nobody, and not kept back. A backorder covers no till. */
    long sellable(@Nullable String channel) {
        return Math.max(0, onHand - promised() - safetyStock - Buffer.keptFrom(channel, buffers));
    }

    long promised() {
        return held + allocated;
    }

    /** Units promised that nothing on hand and no backorder limit covers. */
    private static long uncovered(long onHand, long backorderLimit, long promised) {
        return Math.max(0, promised - onHand - backorderLimit);
    }

    /** The level after one movement; the shortfall shrinks to what is still uncovered, and never grows. */
    Level moved(long onHandDelta, long heldDelta, long allocatedDelta) {
        long onHandAfter = onHand + onHandDelta;
        long heldAfter = held + heldDelta;
        long allocatedAfter = allocated + allocatedDelta;
        long uncovered = uncovered(onHandAfter, backorderLimit, heldAfter + allocatedAfter);
        return new Level(
                stock,
                onHandAfter,
                heldAfter,
                allocatedAfter,
                safetyStock,
                backorderLimit,
                Math.min(shortfall, uncovered),
                version + 1,
                buffers);
    }

    /** The level after a sale that has happened, out of what is on hand: promises that it leaves uncovered become shortfall. */
    Level sold(long units, long leased) {
        long onHandAfter = onHand - units;
        long heldAfter = held - leased;
        return new Level(
                stock,
                onHandAfter,
                heldAfter,
                allocated,
                safetyStock,
                backorderLimit,
                uncovered(onHandAfter, backorderLimit, heldAfter + allocated),
                version + 1,
                buffers);
    }

    /** The level after a count found so many units: reality wins, and what is promised beyond it becomes shortfall. */
    Level counted(long found) {
        long uncovered = uncovered(found, backorderLimit, promised());
        return new Level(stock, found, held, allocated, safetyStock, backorderLimit, uncovered, version + 1, buffers);
    }

    Level limited(long safetyStockNew, long backorderLimitNew, List<Buffer> buffersNew) {
        long uncovered = uncovered(onHand, backorderLimitNew, promised());
        return new Level(
                stock,
                onHand,
                held,
                allocated,
                safetyStockNew,
                backorderLimitNew,
                Math.min(shortfall, uncovered),
                version + 1,
                buffersNew);
    }
}
