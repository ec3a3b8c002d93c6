package dev.holdfast.storm;

import java.util.Map;
import java.util.UUID;

/**
 * What one of those who want units will do.
 *
 * @param isCart puts the units into a cart and pays for that; else pays for the lines as they are
 * @param units by SKU, in the order of the lines
 * @param token how it is paid: what the sandbox makes of it
 * @param keyHigh random bits of the idempotency keys
 * @param keyLow random bits of the idempotency keys
 */
record Errand(
        int number,
        Kind kind,
        String channel,
        boolean isCart,
        Map<String, Long> units,
        String token,
        long keyHigh,
        long keyLow) {

    enum Kind {
        BUY,
        /** The same key again after the answer. */
        BUY_AGAIN,
        /** The same key twice at the same time: the double click. */
        BUY_TOGETHER,
        /** Sent, the connection closed before the answer, sent again. */
        BUY_LOST,
        /** One cart paid in two tabs at the same time, each with a key of its own. */
        BUY_IN_TWO_TABS,
        /** Changes its mind while the money is asked for. */
        CANCEL_CHECKOUT,
        /** Changes its mind when it is paid: the money is due back. */
        CANCEL_ORDER,
        /** Buys, and gets the parcel. */
        SHIP_ORDER,
        /** Holds units and goes away. */
        LEAVE_HOLD,
        /** Fills a cart and goes away. */
        LEAVE_CART,
        /** Pays for a cart and goes away while that is under way. */
        LEAVE_CHECKOUT,
        /** At a till: taken and gone at once. */
        SELL,
        /** The same with the answer lost, asked again. */
        SELL_LOST,
        /** At a till that leases units, sells some of them without a network, and tells it afterwards. */
        SELL_OFFLINE;

        boolean isTill() {
            return switch (this) {
                case SELL, SELL_LOST, SELL_OFFLINE -> true;
                case BUY,
                        BUY_AGAIN,
                        BUY_TOGETHER,
                        BUY_LOST,
                        BUY_IN_TWO_TABS,
                        CANCEL_CHECKOUT,
                        CANCEL_ORDER,
                        SHIP_ORDER,
                        LEAVE_HOLD,
                        LEAVE_CART,
                        LEAVE_CHECKOUT -> false;
            };
        }
    }

    /** Named by time as well, so to be asked for once: the n-th key of this errand. */
    UUID newKey(int n) {
        return Uuid7.of(System.currentTimeMillis(), keyHigh, keyLow + n);
    }

    /** What it costs. */
    long priceMinor(Map<String, Long> pricesMinor) {
        return units.entrySet().stream()
                .mapToLong(line -> line.getValue() * pricesMinor.getOrDefault(line.getKey(), 0L))
                .sum();
    }
}
