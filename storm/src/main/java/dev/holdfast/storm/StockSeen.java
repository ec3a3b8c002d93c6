package dev.holdfast.storm;

/**
 * What the server said is available of a SKU.
 *
 * @param version of the stock; {@link #UNSTATED} in a list
 * @param asOfMicros when that was true, it says
 */
record StockSeen(String sku, long available, long version, long asOfMicros) {
    static final long UNSTATED = -1;
}
