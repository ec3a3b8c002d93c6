package dev.holdfast.engine;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * So many units of one stock.
 *
 * @param units at least 1; above {@link Quantity#MAX} only as the sum of several lines of one stock
 */
public record Line(StockKey stock, long units) {
    /** A hold of 100 lines locks at most 100 stock rows. */
    public static final int LINES_MAX = 100;

    public Line {
        if (units < 1) {
            throw new IllegalArgumentException("quantity must be at least 1");
        }
    }

    public Line(StockKey stock, Quantity quantity) {
        this(stock, quantity.units());
    }

    public static Line of(String sku, long quantity) {
        return new Line(StockKey.of(sku), Quantity.of(quantity));
    }

    public static Line of(String sku, String location, long quantity) {
        return new Line(StockKey.of(sku, location), Quantity.of(quantity));
    }

    /** The lines with those of one stock summed, in order of first appearance. */
    static List<Line> summed(List<Line> lines) {
        if (lines.isEmpty() || lines.size() > LINES_MAX) {
            throw new IllegalArgumentException("lines must be 1 to " + LINES_MAX);
        }
        if (lines.size() == 1) {
            return List.copyOf(lines);
        }
        Map<StockKey, Long> units = LinkedHashMap.newLinkedHashMap(lines.size());
        lines.forEach(line -> units.merge(line.stock, line.units, Math::addExact));
        return units.entrySet().stream()
                .map(entry -> new Line(entry.getKey(), entry.getValue()))
                .toList();
    }
}
