package dev.holdfast.server.cart;

import dev.holdfast.engine.Level;
import dev.holdfast.engine.Location;
import dev.holdfast.engine.Sku;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.engine.StockKey;
import dev.holdfast.server.api.Answer;
import dev.holdfast.server.api.Caller;
import dev.holdfast.server.api.Contract;
import dev.holdfast.server.api.Contract.KeyUse;
import dev.holdfast.server.api.Digest;
import dev.holdfast.server.api.Keys;
import dev.holdfast.server.api.Query;
import dev.holdfast.server.api.Versions;
import dev.holdfast.server.cart.CartAnswer.Refused;
import dev.holdfast.server.cart.CartAnswer.Seen;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collection;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;

import static dev.holdfast.server.api.ErrorCode.HOLD_CONFIRMED;
import static dev.holdfast.server.api.ErrorCode.IDEMPOTENCY_KEY_REUSED;
import static dev.holdfast.server.api.ErrorCode.INSUFFICIENT_STOCK;
import static dev.holdfast.server.api.ErrorCode.MIXED_CURRENCIES;
import static dev.holdfast.server.api.ErrorCode.NOT_FOR_SALE;
import static dev.holdfast.server.api.ErrorCode.OVERLOADED;
import static dev.holdfast.server.api.ErrorCode.UNKNOWN_CART;
import static dev.holdfast.server.api.ErrorCode.UNKNOWN_SKU;
import static dev.holdfast.server.api.ErrorCode.VERSION_CHANGED;

/** Carts over HTTP. */
@Controller
@RequestMapping(path = "/v1/carts", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Carts", description = "What somebody is about to buy, with its prices and its hold")
class CartApi {
    private final CartWrites carts;
    private final StockEngine engine;

    CartApi(CartWrites carts, StockEngine engine) {
        this.carts = carts;
        this.engine = engine;
    }

    @PostMapping
    @Operation(
            operationId = "createCart",
            summary = "Create a cart",
            description = "Empty, with the id of its key. The key of a cart that was bought is used up.")
    @Contract(
            status = 201,
            answer = CartView.class,
            body = CartRequests.CreateBody.class,
            isBodyOptional = true,
            key = KeyUse.OPTIONAL,
            takesCaller = true,
            hasEtag = true,
            problems = {UNKNOWN_CART, IDEMPOTENCY_KEY_REUSED})
    Answer create(HttpServletRequest request) {
        UUID id = Keys.optionalOrNew(request).id();
        String channel = CartRequests.channel(request);
        return switch (carts.create(id, channel, Caller.named(request))) {
            case Refused refused -> Answer.refused(refused.problem());
            case Seen seen ->
                tagged(Answer.created(view(seen)), seen)
                        .header("Location", "/v1/carts/" + id)
                        .replayed(seen.replayed());
        };
    }

    @GetMapping("/{id}")
    @Operation(
            operationId = "getCart",
            summary = "Look at a cart",
            description =
                    "At the prices of now. The ETag is the version of its lines, for If-Match: prices and hold change"
                            + " without it.")
    @Contract(answer = CartView.class, hasEtag = true, problems = UNKNOWN_CART)
    Answer get(@PathVariable String id, HttpServletRequest request) {
        UUID cartId = Query.id(id);
        return Query.of(request)
                .finish(() -> carts.look(cartId))
                .map(seen -> tagged(Answer.ok(view(seen)), seen).header("Cache-Control", "no-store"))
                .orElseGet(() -> Answer.refused(CartRules.unknown(cartId)));
    }

    @PutMapping("/{id}/lines/{sku}")
    @Operation(
            operationId = "setCartLine",
            summary = "Put units into a cart",
            description =
                    "So many from now on, at the price of now. Held early, they are held in the same decision that gives back"
                            + " what the cart held before; if they do not fit, nothing changes.")
    @Contract(
            answer = CartView.class,
            body = CartRequests.QuantityBody.class,
            key = KeyUse.OPTIONAL,
            takesCaller = true,
            hasEtag = true,
            takesIfMatch = true,
            problems = {
                UNKNOWN_CART,
                UNKNOWN_SKU,
                INSUFFICIENT_STOCK,
                HOLD_CONFIRMED,
                NOT_FOR_SALE,
                MIXED_CURRENCIES,
                VERSION_CHANGED,
                IDEMPOTENCY_KEY_REUSED,
                OVERLOADED
            })
    Answer set(@PathVariable String id, @PathVariable String sku, HttpServletRequest request) {
        UUID cartId = Query.id(id);
        var query = Query.of(request);
        Sku wanted = query.sku(sku);
        return change(cartId, query.finish(() -> CartRequests.line(wanted, request)), request);
    }

    @PutMapping("/{id}/lines")
    @Operation(
            operationId = "setCartLines",
            summary = "Say what is in a cart",
            description = "These lines and no others, as in `setCartLine`.")
    @Contract(
            answer = CartView.class,
            body = CartRequests.LinesBody.class,
            key = KeyUse.OPTIONAL,
            takesCaller = true,
            hasEtag = true,
            takesIfMatch = true,
            problems = {
                UNKNOWN_CART,
                UNKNOWN_SKU,
                INSUFFICIENT_STOCK,
                HOLD_CONFIRMED,
                NOT_FOR_SALE,
                MIXED_CURRENCIES,
                VERSION_CHANGED,
                IDEMPOTENCY_KEY_REUSED,
                OVERLOADED
            })
    Answer replace(@PathVariable String id, HttpServletRequest request) {
        UUID cartId = Query.id(id);
        return change(cartId, CartRequests.lines(request), request);
    }

    @DeleteMapping("/{id}/lines/{sku}")
    @Operation(
            operationId = "removeCartLine",
            summary = "Take units out of a cart",
            description = "A line that is not there is as good as taken out.")
    @Parameter(
            in = ParameterIn.QUERY,
            name = "location",
            schema = @Schema(type = "string", maxLength = 100, defaultValue = "main"))
    @Contract(
            answer = CartView.class,
            key = KeyUse.OPTIONAL,
            takesCaller = true,
            hasEtag = true,
            takesIfMatch = true,
            problems = {
                UNKNOWN_CART,
                INSUFFICIENT_STOCK,
                HOLD_CONFIRMED,
                VERSION_CHANGED,
                IDEMPOTENCY_KEY_REUSED,
                OVERLOADED
            })
    Answer remove(@PathVariable String id, @PathVariable String sku, HttpServletRequest request) {
        UUID cartId = Query.id(id);
        var query = Query.of(request);
        Sku wanted = query.sku(sku);
        Location location = query.location("location");
        Edit edit = query.finish(() -> Edit.remove(new StockKey(wanted, location == null ? Location.MAIN : location)));
        return change(cartId, edit, request);
    }

    private Answer change(UUID id, Edit edit, HttpServletRequest request) {
        Long ifMatch = Versions.ifMatch(request);
        var key = Keys.optional(request);
        var asked = key == null ? null : new Cart.Request(key.id(), Digest.of(edit));
        return switch (carts.change(id, edit, ifMatch, asked, Caller.named(request))) {
            case Refused refused -> Answer.refused(refused.problem());
            case Seen seen -> tagged(Answer.ok(view(seen)), seen).replayed(seen.replayed());
        };
    }

    private static Answer tagged(Answer answer, Seen seen) {
        return answer.header(Versions.ETAG, Versions.etag(seen.cart().version()));
    }

    /** What is held is there; for what is not, one look tells. */
    private CartView view(Seen seen) {
        Cart cart = seen.cart();
        if (seen.heldUntil() != null || cart.lines().isEmpty()) {
            return CartView.of(seen, Map.of());
        }
        Collection<Sku> skus =
                cart.lines().stream().map(line -> line.stock().sku()).distinct().toList();
        Map<StockKey, Long> available = engine.levels(skus).levels().stream()
                .collect(Collectors.toMap(Level::stock, level -> level.available(cart.channel())));
        return CartView.of(seen, available);
    }
}
