package dev.holdfast.storm;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

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

    static final long RESTOCKED = 1;
    static final long WRITTEN_OFF = 1;

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
        /** Gets the parcel, and sends a part of it back: one unit to the shelf, one that cannot be sold again. */
        RETURN_PART,
        /** Sends the money itself, in time. */
        TRANSFER,
        /** Sends the money itself; when it comes, the units are not held any more. */
        TRANSFER_LATE,
        /** Does what the bank asks for. */
        ACT,
        /** The same when the units are not held any more. */
        ACT_LATE,
        /** Never does what the bank asks for. */
        NEVER_ACT,
        /** Changes the cart while the payment hangs, then buys what is in it. */
        CHANGE_CART,
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
        SELL_OFFLINE,
        /** The same, and tells it after the lease has ended. */
        SELL_AFTER_LEASE;

        /** How a till sells; null: it is none. */
        Trip.@Nullable Mode tillMode() {
            return switch (this) {
                case SELL, SELL_LOST -> Trip.Mode.ONLINE;
                case SELL_OFFLINE -> Trip.Mode.WITHIN_LEASE;
                case SELL_AFTER_LEASE -> Trip.Mode.AFTER_LEASE;
                case BUY,
                        BUY_AGAIN,
                        BUY_TOGETHER,
                        BUY_LOST,
                        BUY_IN_TWO_TABS,
                        CANCEL_CHECKOUT,
                        CANCEL_ORDER,
                        SHIP_ORDER,
                        RETURN_PART,
                        TRANSFER,
                        TRANSFER_LATE,
                        ACT,
                        ACT_LATE,
                        NEVER_ACT,
                        CHANGE_CART,
                        LEAVE_HOLD,
                        LEAVE_CART,
                        LEAVE_CHECKOUT -> null;
            };
        }
    }

    /** Named by time as well, so to be asked for once: the n-th key of this errand. */
    UUID newKey(int n) {
        return Uuid7.of(System.currentTimeMillis(), keyHigh, keyLow + n);
    }

    /** What a buyer who changes the cart wants instead: two of what was one, one of what was two. */
    Map<String, Long> otherUnits() {
        var other = new LinkedHashMap<String, Long>();
        units.forEach((sku, quantity) -> other.put(sku, CheckoutPlan.QUANTITY_MAX + 1 - quantity));
        return other;
    }

    /** Of which a buyer who sends a part back sends {@link #RESTOCKED} and {@link #WRITTEN_OFF} units. */
    String skuSentBack() {
        return units.keySet().iterator().next();
    }
}
