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
     * @param returned after they were gone, to the shelf or not
     */
    record Line(
            String sku, long unitPriceMinor, long quantity, long allocated, long gone, long cancelled, long returned) {

        /** What the buyer has or waits for. */
        long kept() {
            return quantity - cancelled - returned;
        }
    }

    boolean isPaid() {
        return payment != null && !state.equals("PLACED") && !state.equals("CANCELLED");
    }

    /** Units that the buyer keeps, at the price they were sold at. */
    long worthMinor() {
        return lines.stream()
                .mapToLong(line -> line.unitPriceMinor * line.kept())
                .sum();
    }

    boolean isCancelled() {
        return lines.stream().allMatch(line -> line.cancelled == line.quantity);
    }

    /** As it was bought. */
    boolean isWhole() {
        return lines.stream().allMatch(line -> line.kept() == line.quantity);
    }

    boolean isOnShelf() {
        return lines.stream().allMatch(line -> line.allocated == line.quantity);
    }

    /** All has been sent, and so many units of this SKU, and none of another one, have come back. */
    boolean isSentBack(String sku, long units) {
        return lines.stream()
                .allMatch(line -> line.gone == line.kept()
                        && line.cancelled == 0
                        && line.returned == (line.sku.equals(sku) ? units : 0));
    }

    boolean isShipped() {
        return lines.stream().allMatch(line -> line.gone == line.quantity);
    }
}
