package dev.holdfast.server.order;

import java.util.Locale;

/** What can be done to an order, and the type of the event that it leaves. */
enum Act {
    PAY("PAID"),
    PACK("PACKED"),
    SHIP("SHIPPED"),
    DELIVER("DELIVERED"),
    CANCEL("CANCELLED"),
    RETURN("RETURNED"),
    REFUND("REFUNDED");

    private final String event;

    Act(String event) {
        this.event = event;
    }

    String event() {
        return event;
    }

    /** As people say it, and as the path of its call ends. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
