package dev.holdfast.server.order;

import java.util.EnumSet;
import java.util.Set;

/**
 * Where an order stands: where the least advanced of its units is, or, when none is on its way or with the buyer any more, how it
 * ended. It follows from the lines and the refunds ({@link Order}); this says from which state what may be done, and what can come of
 * it. A test holds both together, for every history of small orders.
 */
enum OrderState {
    PLACED("Waits for its payment. Its units are allocated"),
    PAID("There are units to pack"),
    PACKED("All units are packed that are not further"),
    SHIPPED("All units are on their way that are not further"),
    DELIVERED("Nothing is on its way any more; there are units with the buyer"),
    CANCELLED("Over: all was cancelled before anything was paid"),
    REFUND_PENDING("Nothing is left but to pay money back"),
    REFUNDED("Over: all was cancelled, and what was paid went back"),
    RETURNED("Over: what was not cancelled came back, and so did the money");

    private static final Set<OrderState> REFUSED = EnumSet.noneOf(OrderState.class);

    private final String meaning;

    OrderState(String meaning) {
        this.meaning = meaning;
    }

    String meaning() {
        return meaning;
    }

    /** Whether nothing of the order is left to be sent, on its way or with the buyer. */
    boolean isOver() {
        return switch (this) {
            case PLACED, PAID, PACKED, SHIPPED, DELIVERED -> false;
            case CANCELLED, REFUND_PENDING, REFUNDED, RETURNED -> true;
        };
    }

    /**
     * What an order in this state can become by an act, itself included where a part of it remains where it was; none: the act is
     * refused.
     */
    Set<OrderState> after(Act act) {
        return switch (this) {
            case PLACED ->
                switch (act) {
                    case PAY -> EnumSet.of(PAID);
                    case CANCEL -> EnumSet.of(PLACED, CANCELLED);
                    case PACK, SHIP, DELIVER, RETURN, REFUND -> REFUSED;
                };
            case PAID ->
                switch (act) {
                    case PACK -> EnumSet.of(PAID, PACKED);
                    case SHIP -> EnumSet.of(PAID, PACKED, SHIPPED);
                    case CANCEL ->
                        EnumSet.of(PAID, PACKED, SHIPPED, DELIVERED, CANCELLED, REFUND_PENDING, REFUNDED, RETURNED);
                    case DELIVER, RETURN, REFUND -> EnumSet.of(PAID);
                    case PAY -> REFUSED;
                };
            case PACKED ->
                switch (act) {
                    case SHIP -> EnumSet.of(PACKED, SHIPPED);
                    case CANCEL ->
                        EnumSet.of(PACKED, SHIPPED, DELIVERED, CANCELLED, REFUND_PENDING, REFUNDED, RETURNED);
                    case DELIVER, RETURN, REFUND -> EnumSet.of(PACKED);
                    case PAY, PACK -> REFUSED;
                };
            case SHIPPED ->
                switch (act) {
                    case DELIVER -> EnumSet.of(SHIPPED, DELIVERED);
                    case RETURN -> EnumSet.of(SHIPPED, DELIVERED, REFUND_PENDING, RETURNED);
                    case REFUND -> EnumSet.of(SHIPPED);
                    case PAY, PACK, SHIP, CANCEL -> REFUSED;
                };
            case DELIVERED ->
                switch (act) {
                    case RETURN -> EnumSet.of(DELIVERED, REFUND_PENDING, RETURNED);
                    case REFUND -> EnumSet.of(DELIVERED);
                    case PAY, PACK, SHIP, DELIVER, CANCEL -> REFUSED;
                };
            case CANCELLED ->
                switch (act) {
                    case PAY -> EnumSet.of(CANCELLED, REFUND_PENDING);
                    case PACK, SHIP, DELIVER, CANCEL, RETURN, REFUND -> REFUSED;
                };
            case REFUND_PENDING ->
                switch (act) {
                    case REFUND -> EnumSet.of(REFUND_PENDING, REFUNDED, RETURNED);
                    case PAY, PACK, SHIP, DELIVER, CANCEL, RETURN -> REFUSED;
                };
            case REFUNDED, RETURNED -> REFUSED;
        };
    }
}
