package dev.holdfast.server.api;

import java.util.Locale;

/**
 * Every error the HTTP interface can answer with. One code has one status, one title and one section in {@code
 * docs/reference/errors.md}. Codes are part of the contract: never renamed, never given another meaning.
 */
public enum ErrorCode {
    MALFORMED_REQUEST(400, "The request is not valid HTTP", false),
    MALFORMED_JSON(400, "The body is not valid JSON", false),
    INVALID_REQUEST(400, "The request breaks the contract", false),
    IDEMPOTENCY_KEY_REQUIRED(400, "The header Idempotency-Key is missing", false),
    INVALID_IDEMPOTENCY_KEY(400, "The idempotency key cannot be used", false),
    INVALID_MAP(400, "The map has errors", false),
    INVALID_SIGNATURE(400, "The signature cannot be verified", false),
    INVALID_TICKET(400, "The code is not one of ours", false),
    NOT_FOUND(404, "There is nothing at this path", false),
    UNKNOWN_SKU(404, "There has never been such stock", false),
    UNKNOWN_HOLD(404, "There is no such hold", false),
    UNKNOWN_ORDER(404, "There is no such order", false),
    UNKNOWN_CART(404, "There is no such cart", false),
    UNKNOWN_CHECKOUT(404, "There is no such checkout", false),
    UNKNOWN_PRODUCT(404, "There is no such product", false),
    UNKNOWN_LOCATION(404, "There is no such location", false),
    UNKNOWN_PAYMENT(404, "There is no such payment", false),
    UNKNOWN_VENUE(404, "There is no such venue", false),
    UNKNOWN_MAP(404, "There is no such map", false),
    UNKNOWN_EVENT(404, "There is no such event", false),
    UNKNOWN_SEAT(404, "There is no such place", false),
    UNKNOWN_TICKET(404, "There is no such ticket", false),
    UNKNOWN_WAITER(404, "Nobody waits by this id", false),
    METHOD_NOT_ALLOWED(405, "This path does not take this method", false),
    NOT_ACCEPTABLE(406, "No representation satisfies the Accept header", false),
    INSUFFICIENT_STOCK(409, "Not enough stock", false),
    PROMISED_STOCK(409, "The units are promised", false),
    HOLD_CONFIRMED(409, "The hold is confirmed", false),
    HOLD_RELEASED(409, "The hold was released", false),
    NOT_HELD(409, "The hold does not hold so many", false),
    STOCK_LIMIT_EXCEEDED(409, "More units than one stock can count", false),
    NOT_FOR_SALE(409, "The catalogue does not allow it", false),
    ILLEGAL_TRANSITION(409, "The product cannot become that", false),
    SKU_TAKEN(409, "The SKU belongs to another product", false),
    ORDER_STATE(409, "The order does not allow it", false),
    EMPTY_CART(409, "There is nothing in the cart", false),
    NO_PRICE(409, "A price is missing", false),
    MIXED_CURRENCIES(409, "The lines are in several currencies", false),
    PRICE_CHANGED(409, "A price has changed", false),
    NOT_ON_SALE(409, "The event is not on sale", false),
    SALE_RULE(409, "The rules of the sale do not allow it", false),
    SEATS_TAKEN(409, "Somebody else has the seats", false),
    NO_SEATS(409, "There are no such places any more", false),
    ORPHAN_SEATS(409, "It would leave single seats over", false),
    ALREADY_ADMITTED(409, "The ticket was used", false),
    TICKET_VOID(409, "The ticket is not good any more", false),
    WRONG_EVENT(409, "The ticket is for another event", false),
    CHECKOUT_RUNNING(409, "It is being checked out", true),
    CHECKOUT_COMPLETED(409, "The checkout is completed", false),
    HOLD_EXPIRED(410, "The hold has expired", false),
    VERSION_CHANGED(412, "It has changed meanwhile", false),
    BODY_TOO_LARGE(413, "The body is too large", false),
    UNSUPPORTED_MEDIA_TYPE(415, "The body is of another type than this call takes", false),
    IDEMPOTENCY_KEY_REUSED(422, "The idempotency key belongs to another request", false),
    IF_MATCH_REQUIRED(428, "The header If-Match is missing", false),
    INTERNAL_ERROR(500, "Something unforeseen went wrong", false),
    OVERLOADED(503, "Too many requests wait already", true),
    UNAVAILABLE(503, "The database cannot be reached", true),
    TIMED_OUT(503, "The database took too long", true),
    SHUTTING_DOWN(503, "This server is shutting down", true);

    private static final String TYPE_BASE = "https://holdfast.dev/errors/";

    private final String code = name().toLowerCase(Locale.ROOT).replace('_', '-');
    private final int status;
    private final String title;
    private final boolean retryable;

    ErrorCode(int status, String title, boolean retryable) {
        this.status = status;
        this.title = title;
        this.retryable = retryable;
    }

    /** As in the problem's member {@code code}. */
    public String code() {
        return code;
    }

    public int status() {
        return status;
    }

    public String title() {
        return title;
    }

    /** Whether the same request with the same key may succeed a moment later although nobody changed anything. */
    public boolean retryable() {
        return retryable;
    }

    /** The problem's member {@code type}: it identifies the code; the text behind it is {@code docs/reference/errors.md}. */
    public String type() {
        return TYPE_BASE + code;
    }
}
