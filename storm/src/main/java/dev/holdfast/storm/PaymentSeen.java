package dev.holdfast.storm;

/**
 * A payment as its provider showed it.
 *
 * @param state {@code captured}, {@code voided}, {@code declined}, …
 */
record PaymentSeen(String state, long capturedMinor, long refundedMinor) {

    long keptMinor() {
        return capturedMinor - refundedMinor;
    }

    /** Nothing is promised or on its way any more. */
    boolean isEnd() {
        return switch (state) {
            case "captured", "refunded", "declined", "voided" -> true;
            default -> false;
        };
    }
}
