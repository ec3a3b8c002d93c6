package dev.holdfast.server.checkout;

/**
 * What is to be done next with a checkout. Pure: which step follows which event is {@link #after}, and nowhere else.
 *
 * <p>Forward: {@code WRITE → ASK → CONFIRM → CAPTURE → COMPLETE}. Back: {@code RELEASE → VOID → END}, and with units
 * allocated {@code VOID_ALLOCATED → DEALLOCATE → END}. A hold ends once, confirmed or not: that
 * is the decision between the two, and the engine makes it. Each step may be done again, by anybody, at any time.
 */
enum Step {
    /** Writes it down, with its units held: from here on anybody goes on with it. */
    WRITE,
    /** Asks for the money, or what became of having asked. */
    ASK,
    /** Allocates the held units: from here on nothing goes back that can be paid. */
    CONFIRM,
    /** Holds the units once more, because the money came later than the hold's deadline. */
    HOLD_AGAIN,
    /** Writes which hold that is: only then is it confirmed. */
    ADOPT,
    /** Takes the money. */
    CAPTURE,
    /** Places the paid order. */
    COMPLETE,
    /** Gives the held units back. */
    RELEASE,
    /** Lets the money go: nothing can be taken any more. */
    VOID,
    /** The same with units allocated: the payment is gone, or either of them is not whole. */
    VOID_ALLOCATED,
    /** Gives money back that was taken, though not all of it was paid or not all of it is allocated. */
    REFUND_ALLOCATED,
    /** Gives allocated units back that nobody can pay any more. */
    DEALLOCATE,
    /** Gives money back that was taken by itself, after the units had gone. */
    REFUND,
    /** Writes that nothing came of it. */
    END,
    /** Nothing now; the same again later. */
    LATER,
    /** Nothing: it has ended. */
    STOP;

    /** What came of a step. */
    enum Event {
        AUTHORIZED,
        /** It is not paid, or not in full, and will not be. */
        UNPAID,
        /** Nobody knows yet. */
        UNCLEAR,
        CONFIRMED,
        /** The hold is over because of its deadline. */
        HOLD_EXPIRED,
        /** The hold is over, and not confirmed. */
        HOLD_OVER,
        HELD,
        SOLD_OUT,
        CAPTURED,
        VOIDED,
        DONE,
        /** Somebody else has written the row. */
        OVERTAKEN
    }

    /**
     * The step that follows.
     *
     * @throws IllegalStateException if that cannot come of this step
     */
    Step after(Event event) {
        return switch (this) {
            case ASK ->
                switch (event) {
                    case AUTHORIZED, CAPTURED -> CONFIRM;
                    case UNPAID -> RELEASE;
                    case UNCLEAR -> LATER;
                    default -> throw impossible(event);
                };
            case CONFIRM ->
                switch (event) {
                    case CONFIRMED -> CAPTURE;
                    case HOLD_EXPIRED -> HOLD_AGAIN;
                    case HOLD_OVER -> RELEASE;
                    case UNPAID -> VOID_ALLOCATED; // not all of it is allocated: nobody is to pay for that
                    default -> throw impossible(event);
                };
            case HOLD_AGAIN ->
                switch (event) {
                    case HELD -> ADOPT;
                    case SOLD_OUT -> RELEASE;
                    case UNCLEAR -> LATER;
                    default -> throw impossible(event);
                };
            case ADOPT ->
                switch (event) {
                    case DONE -> CONFIRM;
                    case OVERTAKEN -> STOP;
                    default -> throw impossible(event);
                };
            case CAPTURE ->
                switch (event) {
                    case CAPTURED -> COMPLETE;
                    case UNPAID -> VOID_ALLOCATED;
                    case UNCLEAR -> LATER;
                    default -> throw impossible(event);
                };
            case RELEASE ->
                switch (event) {
                    case HOLD_OVER -> VOID;
                    case CONFIRMED -> CAPTURE; // somebody was faster: it is bought
                    case UNPAID -> VOID_ALLOCATED;
                    default -> throw impossible(event);
                };
            case VOID ->
                switch (event) {
                    case VOIDED -> END;
                    case CAPTURED -> REFUND; // not by this checkout: its hold was not confirmed
                    case UNCLEAR -> LATER;
                    default -> throw impossible(event);
                };
            case VOID_ALLOCATED ->
                switch (event) {
                    case VOIDED -> DEALLOCATE;
                    case CAPTURED -> REFUND_ALLOCATED;
                    case UNCLEAR -> LATER;
                    default -> throw impossible(event);
                };
            case REFUND_ALLOCATED ->
                switch (event) {
                    case DONE -> DEALLOCATE;
                    case UNCLEAR -> LATER;
                    default -> throw impossible(event);
                };
            case DEALLOCATE ->
                switch (event) {
                    case DONE -> END;
                    default -> throw impossible(event);
                };
            case REFUND ->
                switch (event) {
                    case DONE -> END;
                    case UNCLEAR -> LATER;
                    default -> throw impossible(event);
                };
            case WRITE, COMPLETE, END, LATER, STOP -> throw impossible(event);
        };
    }

    private IllegalStateException impossible(Event event) {
        return new IllegalStateException(event + " cannot come of " + this);
    }
}
