package dev.holdfast.storm;

/**
 * A checkout as the server showed it.
 *
 * @param state {@code COMPLETED}, {@code DECLINED}, {@code PENDING}, …
 */
record CheckoutSeen(String id, String state, long totalMinor) {

    boolean isPaid() {
        return state.equals("COMPLETED");
    }

    boolean isEnd() {
        return isEnd(state);
    }

    static boolean isEnd(String state) {
        return switch (state) {
            case "COMPLETED", "DECLINED", "CANCELLED", "EXPIRED", "REFUNDED" -> true;
            default -> false;
        };
    }
}
