package dev.holdfast.server.cart;

import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Line;
import dev.holdfast.engine.Sku;
import dev.holdfast.engine.StockKey;
import dev.holdfast.server.api.Money;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A cart as its row has it. What becomes of its hold is known to the engine alone.
 *
 * @param holds what the ids of its holds come from, together with the revision
 * @param version grows when the lines change: for {@code If-Match}
 * @param revision grows with each write
 * @param heldUntil as granted; null: without a hold
 * @param request that changed it last, if that had a key
 */
record Cart(
        UUID id,
        UUID holds,
        long version,
        long revision,
        @Nullable String channel,
        List<CartLine> lines,
        @Nullable Instant heldUntil,
        @Nullable Request request) {
    /** A request that can be told from another one. */
    record Request(UUID keyId, long hash) {}

    UUID holdId() {
        return holdKey(revision).id();
    }

    /** Of whoever changes this revision: the engine lets one of them have it. */
    UUID nextHoldId() {
        return holdKey(revision + 1).id();
    }

    private IdempotencyKey holdKey(long ofRevision) {
        return IdempotencyKey.of("cart", holds + "/" + ofRevision);
    }

    /**
     * Places the next revision's hold instead of this one's, also if this one should have none: then a change that lost against it may have
     * left one behind.
     */
    PlaceHold place(List<CartLine> next, Duration ttl) {
        List<Line> wanted = next.stream().map(CartLine::line).toList();
        return new PlaceHold(holdKey(revision + 1), wanted, ttl, channel, "cart " + id, null, holdId());
    }

    Cart next(List<CartLine> newLines, @Nullable Instant newHeldUntil, @Nullable Request by) {
        long newVersion = newLines.equals(lines) ? version : version + 1;
        return new Cart(id, holds, newVersion, revision + 1, channel, newLines, newHeldUntil, by);
    }

    /** These lines at the prices they were put in at, those that are new at the prices of now. */
    List<CartLine> priced(List<Line> some, Map<Sku, Money> prices) {
        Map<StockKey, CartLine> known = lines.stream().collect(Collectors.toMap(CartLine::stock, Function.identity()));
        return some.stream()
                .map(line -> {
                    CartLine before = known.get(line.stock());
                    return before == null
                            ? CartLine.of(line, prices)
                            : new CartLine(before.sku(), before.location(), line.units(), before.price());
                })
                .toList();
    }

    /** Those of these lines that ask for more than the cart has already. */
    List<Line> more(List<Line> some) {
        return some.stream()
                .filter(line -> lines.stream()
                        .noneMatch(known -> known.stock().equals(line.stock()) && known.quantity() >= line.units()))
                .toList();
    }

    /** For the log of changes. */
    Map<String, @Nullable Object> fields() {
        return fields(channel, lines);
    }

    static Map<String, @Nullable Object> fields(@Nullable String channel, List<CartLine> lines) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("channel", channel);
        lines.forEach(line -> fields.put("lines[" + line.stock() + "].quantity", line.quantity()));
        return fields;
    }

    boolean wasChangedBy(UUID keyId) {
        return request != null && Objects.equals(request.keyId, keyId);
    }
}
