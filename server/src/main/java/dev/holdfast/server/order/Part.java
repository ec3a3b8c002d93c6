package dev.holdfast.server.order;

import dev.holdfast.engine.Line;
import dev.holdfast.engine.StockKey;

/**
 * Units of one line that something is done to.
 *
 * @param restock of a return: whether they can be sold again; what is written off stays gone
 */
record Part(String sku, String location, long quantity, boolean restock) {
    static Part of(OrderLine line, long quantity) {
        return new Part(line.sku(), line.location(), quantity, true);
    }

    boolean isOf(OrderLine line) {
        return sku.equals(line.sku()) && location.equals(line.location());
    }

    StockKey stock() {
        return StockKey.of(sku, location);
    }

    Line line() {
        return new Line(stock(), quantity);
    }
}
