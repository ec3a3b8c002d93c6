package dev.holdfast.server.checkout;

import dev.holdfast.server.api.Answer;
import dev.holdfast.server.api.Body;
import dev.holdfast.server.api.Caller;
import dev.holdfast.server.api.Contract;
import dev.holdfast.server.api.Contract.KeyUse;
import dev.holdfast.server.api.Keys;
import dev.holdfast.server.api.Prefer;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.api.Query;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.UUID;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;

import static dev.holdfast.server.api.ErrorCode.CHECKOUT_COMPLETED;
import static dev.holdfast.server.api.ErrorCode.CHECKOUT_RUNNING;
import static dev.holdfast.server.api.ErrorCode.EMPTY_CART;
import static dev.holdfast.server.api.ErrorCode.HOLD_CONFIRMED;
import static dev.holdfast.server.api.ErrorCode.HOLD_EXPIRED;
import static dev.holdfast.server.api.ErrorCode.HOLD_RELEASED;
import static dev.holdfast.server.api.ErrorCode.IDEMPOTENCY_KEY_REUSED;
import static dev.holdfast.server.api.ErrorCode.INSUFFICIENT_STOCK;
import static dev.holdfast.server.api.ErrorCode.MIXED_CURRENCIES;
import static dev.holdfast.server.api.ErrorCode.NOT_FOR_SALE;
import static dev.holdfast.server.api.ErrorCode.NOT_HELD;
import static dev.holdfast.server.api.ErrorCode.NO_PRICE;
import static dev.holdfast.server.api.ErrorCode.PRICE_CHANGED;
import static dev.holdfast.server.api.ErrorCode.UNKNOWN_CART;
import static dev.holdfast.server.api.ErrorCode.UNKNOWN_CHECKOUT;
import static dev.holdfast.server.api.ErrorCode.UNKNOWN_HOLD;
import static dev.holdfast.server.api.ErrorCode.UNKNOWN_SKU;
import static dev.holdfast.server.api.ErrorCode.VERSION_CHANGED;

/** Checkouts. */
@Controller
@RequestMapping(path = CheckoutApi.PATH, produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Checkouts", description = "From lines and a way to pay to a paid order, or to nothing at all")
class CheckoutApi {
    static final String PATH = "/v1/checkouts";

    /** Longer than most payments take; shorter than the patience of clients and proxies. */
    private static final Duration WAIT_MAX = Duration.ofSeconds(10);

    private final Checkouts checkouts;

    CheckoutApi(Checkouts checkouts) {
        this.checkouts = checkouts;
    }

    @PostMapping
    @Operation(
            operationId = "checkout",
            summary = "Check out",
            description =
                    "Of a cart, with the hold it has, of a hold, or of `lines`: holds the units, takes the money and places the order, at the"
                            + " prices of now. Answers when that has"
                            + " ended, well or not, see `state`; with 202 if it takes longer than `Prefer: wait=` seconds, at most 10, or"
                            + " needs the buyer: look at its `Location` then. What cannot be held is refused, and nothing came of it.")
    @Contract(
            status = 201,
            mayTakeLonger = true,
            answer = CheckoutView.class,
            body = CheckoutRequests.CheckoutBody.class,
            key = KeyUse.REQUIRED,
            takesCaller = true,
            problems = {
                INSUFFICIENT_STOCK,
                NOT_FOR_SALE,
                UNKNOWN_SKU,
                NO_PRICE,
                MIXED_CURRENCIES,
                UNKNOWN_CART,
                UNKNOWN_HOLD,
                HOLD_EXPIRED,
                HOLD_RELEASED,
                NOT_HELD,
                EMPTY_CART,
                PRICE_CHANGED,
                VERSION_CHANGED,
                HOLD_CONFIRMED,
                CHECKOUT_RUNNING,
                CHECKOUT_COMPLETED,
                IDEMPOTENCY_KEY_REUSED
            })
    Answer begin(HttpServletRequest request) {
        var wanted = CheckoutRequests.wanted(Keys.required(request), Body.read(request));
        return switch (checkouts.begin(wanted, Prefer.wait(request, WAIT_MAX), Caller.named(request))) {
            case Checkouts.Refused refused -> Answer.refused(refused.problem());
            case Checkouts.Known(var checkout, var replayed) -> {
                CheckoutView view = CheckoutView.of(checkout);
                yield (checkout.state().isEnd() ? Answer.created(view) : Answer.accepted(view))
                        .header("Location", PATH + "/" + checkout.id())
                        .replayed(replayed);
            }
        };
    }

    @GetMapping("/{id}")
    @Operation(operationId = "getCheckout", summary = "Look at a checkout")
    @Contract(answer = CheckoutView.class, problems = UNKNOWN_CHECKOUT)
    Answer get(@PathVariable String id, HttpServletRequest request) {
        UUID checkoutId = Query.id(id);
        return Query.of(request)
                .finish(() -> checkouts.find(checkoutId))
                .map(checkout -> Answer.ok(CheckoutView.of(checkout)).header("Cache-Control", "no-cache"))
                .orElseGet(() -> Answer.refused(unknown(checkoutId)));
    }

    @PostMapping("/{id}/cancel")
    @Operation(
            operationId = "cancelCheckout",
            summary = "Cancel a checkout",
            description =
                    "At any moment before its units are allocated: they are given back, and so is the money. One that ended"
                            + " without an order stays as it is; what was bought is an order, to be cancelled as such.")
    @Contract(
            mayTakeLonger = true,
            answer = CheckoutView.class,
            takesCaller = true,
            problems = {UNKNOWN_CHECKOUT, CHECKOUT_COMPLETED})
    Answer cancel(@PathVariable String id, HttpServletRequest request) {
        UUID checkoutId = Query.id(id);
        Body.requireNone(request);
        Checkout checkout = checkouts.cancel(checkoutId, Prefer.wait(request, WAIT_MAX), Caller.of(request));
        if (checkout == null) {
            return Answer.refused(unknown(checkoutId));
        }
        if (checkout.state() == State.COMPLETED) {
            return Answer.refused(Checkouts.completed(checkout));
        }
        CheckoutView view = CheckoutView.of(checkout);
        return checkout.state().isEnd() ? Answer.ok(view) : Answer.accepted(view);
    }

    private static Problem unknown(UUID id) {
        return Problem.of(UNKNOWN_CHECKOUT, "No checkout has the id " + id);
    }
}
