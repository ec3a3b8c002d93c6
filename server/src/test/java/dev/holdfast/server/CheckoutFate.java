package dev.holdfast.server;

import java.util.List;

/**
 * A row of the table of fates: what becomes of the payment, and what the buyer and others do meanwhile.
 *
 * @param name as the page says it
 * @param isOfCart whether the units come from a cart
 * @param isPutOff whether it comes to {@code LATER} on its way; others do so only where the machine is slow
 */
record CheckoutFate(String name, String token, boolean isOfCart, Deed deed, boolean isPutOff) {
    enum Deed {
        NOTHING,
        ACTS,
        ACTS_TOO_LATE,
        ACTS_WHEN_SOLD_OUT,
        CHANGES_THE_CART_AND_ACTS,
        CANCELS,
        PAYMENT_IS_CANCELLED,
        PAYMENT_IS_REFUNDED_IN_PART,
        MONEY_COMES_TOO_LATE,
        MONEY_COMES_WHEN_SOLD_OUT,
        MONEY_COMES_FOR_A_PART
    }

    private static final String ACTION = "tok_requires_action";

    /** Comes when the test lets it come. */
    private static final String TRANSFER = "tok_transfer:600000";

    /** The time-outs last longer than the deadline of a call, so that no news comes before it. */
    static final List<CheckoutFate> ALL = List.of(
            of("tok_approve", false),
            of("tok_decline", false),
            of("tok_insufficient_funds", false),
            of("tok_expired_card", false),
            of("tok_slow:100", false),
            of("tok_timeout_then_success:3000", true),
            of("tok_timeout_then_failure:3000", true),
            of("tok_duplicate_callback", false),
            of("tok_callback_first", false),
            of("tok_provider_down:300", true),
            of("tok_transfer:300", true),
            waits("the buyer acts", ACTION, Deed.ACTS),
            waits("the buyer acts after the hold's deadline", ACTION, Deed.ACTS_TOO_LATE),
            waits("the buyer acts when the units have gone", ACTION, Deed.ACTS_WHEN_SOLD_OUT),
            waits("the buyer cancels instead of acting", ACTION, Deed.CANCELS),
            waits("the payment is cancelled from outside", ACTION, Deed.PAYMENT_IS_CANCELLED),
            waits("a part of the payment goes back from outside", ACTION, Deed.PAYMENT_IS_REFUNDED_IN_PART),
            waits("money comes by itself after the hold's deadline", TRANSFER, Deed.MONEY_COMES_TOO_LATE),
            waits("money comes by itself when the units have gone", TRANSFER, Deed.MONEY_COMES_WHEN_SOLD_OUT),
            waits("money comes by itself when a part of the hold was released", TRANSFER, Deed.MONEY_COMES_FOR_A_PART),
            new CheckoutFate("a cart, `tok_approve`", "tok_approve", true, Deed.NOTHING, false),
            new CheckoutFate("a cart, `tok_decline`", "tok_decline", true, Deed.NOTHING, false),
            new CheckoutFate("a cart, after the hold's deadline", ACTION, true, Deed.ACTS_TOO_LATE, true),
            new CheckoutFate(
                    "a cart that the buyer changes first", ACTION, true, Deed.CHANGES_THE_CART_AND_ACTS, true));

    private static CheckoutFate of(String token, boolean isPutOff) {
        return new CheckoutFate("`" + token + "`", token, false, Deed.NOTHING, isPutOff);
    }

    private static CheckoutFate waits(String name, String token, Deed deed) {
        return new CheckoutFate(name, token, false, deed, true);
    }

    /** Whether the units are somebody else's in the end. */
    boolean isSoldToOthers() {
        return deed == Deed.ACTS_WHEN_SOLD_OUT || deed == Deed.MONEY_COMES_WHEN_SOLD_OUT;
    }
}
