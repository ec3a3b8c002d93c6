package dev.holdfast.storm;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An order as the server showed it.
 *
 * @param payment what it was paid with, which is the payment's id
 * @param refundsDue parts of the money that have not gone back yet
 */
record OrderSeen(String id, String state, @Nullable String payment, List<Line> lines, long refundsDue) {

    /**
     * @param allocated on the shelf, packed or not
     * @param gone on the way or with the buyer
     * @param back cancelled or returned
     */
    record Line(String sku, long unitPriceMinor, long quantity, long allocated, long gone, long back) {}

    boolean isPaid() {
        return payment != null && !state.equals("PLACED") && !state.equals("CANCELLED");
    }

    /** Units that the buyer keeps, at the price they were sold at. */
    long worthMinor() {
        return lines.stream()
                .mapToLong(line -> line.unitPriceMinor * (line.quantity - line.back))
                .sum();
    }

    boolean isCancelled() {
        return lines.stream().allMatch(line -> line.back == line.quantity);
    }

    boolean isShipped() {
        return lines.stream().allMatch(line -> line.gone == line.quantity);
    }
}
