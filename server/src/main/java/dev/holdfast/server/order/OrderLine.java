package dev.holdfast.server.order;

import dev.holdfast.engine.StockKey;

/**
 * One stock of an order, and where its units are now: each in one place. What is in no other place is open, that is, on the shelf and
 * allocated.
 *
 * @param unitPriceMinor in the order's currency
 * @param quantity as ordered
 * @param packed and not yet shipped
 * @param shipped and on the way
 * @param delivered and with the buyer
 * @param cancelled before they were shipped
 * @param returned after they were
 */
record OrderLine(
        String sku,
        String location,
        long unitPriceMinor,
        long quantity,
        long packed,
        long shipped,
        long delivered,
        long cancelled,
        long returned) {

    static OrderLine of(StockKey stock, long quantity, long unitPriceMinor) {
        return new OrderLine(stock.sku().value(), stock.location().value(), unitPriceMinor, quantity, 0, 0, 0, 0, 0);
    }

    StockKey stock() {
        return StockKey.of(sku, location);
    }

    long open() {
        return quantity - packed - shipped - delivered - cancelled - returned;
    }

    /** Units that an act can be done to. */
    long possible(Act act) {
        return switch (act) {
            case PACK -> open();
            case SHIP, CANCEL -> open() + packed;
            case DELIVER -> shipped;
            case RETURN -> shipped + delivered;
            case PAY, REFUND -> 0;
        };
    }

    /** After an act was done to so many of its units, at most {@link #possible}. */
    OrderLine after(Act act, long units) {
        return switch (act) {
            case PACK -> with(packed + units, shipped, delivered, cancelled, returned);
            case SHIP -> // packed ones first; others are packed and shipped at once
                with(packed - Math.min(packed, units), shipped + units, delivered, cancelled, returned);
            case DELIVER -> with(packed, shipped - units, delivered + units, cancelled, returned);
            case CANCEL -> // open ones first: a parcel is opened last
                with(packed - Math.max(0, units - open()), shipped, delivered, cancelled + units, returned);
            case RETURN -> { // delivered ones first; others are a parcel that came back
                long kept = delivered - Math.min(delivered, units);
                yield with(packed, shipped - Math.max(0, units - delivered), kept, cancelled, returned + units);
            }
            case PAY, REFUND -> throw new IllegalArgumentException(act + " moves no units");
        };
    }

    private OrderLine with(long nowPacked, long nowShipped, long nowDelivered, long nowCancelled, long nowReturned) {
        return new OrderLine(
                sku,
                location,
                unitPriceMinor,
                quantity,
                nowPacked,
                nowShipped,
                nowDelivered,
                nowCancelled,
                nowReturned);
    }
}
