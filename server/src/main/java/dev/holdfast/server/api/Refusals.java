package dev.holdfast.server.api;

import dev.holdfast.engine.EngineFailure;
import dev.holdfast.engine.Hold;
import dev.holdfast.engine.Outcome;
import dev.holdfast.engine.Outcome.Shortage;
import dev.holdfast.engine.StockKey;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The engine's refusals that more than one feature passes on, as problems. */
public final class Refusals {
    private record ShortLine(
            String sku,
            String location,
            long requested,
            long available,
            long heldByOthers,
            @Nullable Instant nextReleaseAt) {
        static ShortLine of(Shortage shortage) {
            return new ShortLine(
                    shortage.stock().sku().value(),
                    shortage.stock().location().value(),
                    shortage.requested(),
                    shortage.available(),
                    shortage.heldByOthers(),
                    shortage.nextReleaseAt());
        }

        @Override
        public String toString() {
            return sku + " at " + location + ": " + requested + " requested, " + available + " available";
        }
    }

    private record UnknownLine(String sku, String location) {
        static UnknownLine of(StockKey stock) {
            return new UnknownLine(stock.sku().value(), stock.location().value());
        }

        @Override
        public String toString() {
            return sku + " at " + location;
        }
    }

    private Refusals() {}

    public static Problem of(Outcome.Insufficient refusal) {
        List<ShortLine> lines = refusal.shortages().stream().map(ShortLine::of).toList();
        return Problem.of(ErrorCode.INSUFFICIENT_STOCK, joined(lines)).with("lines", lines);
    }

    /** Nobody can pay for them. */
    public static Problem noPrice(List<String> skus) {
        return Problem.of(ErrorCode.NO_PRICE, "Nobody knows what these cost: " + String.join(", ", skus))
                .with("skus", skus);
    }

    /** One payment has one currency. Null if these have. */
    public static @Nullable Problem mixedCurrencies(Collection<Money> prices) {
        List<String> currencies =
                prices.stream().map(Money::currency).distinct().sorted().toList();
        return currencies.size() <= 1
                ? null
                : Problem.of(ErrorCode.MIXED_CURRENCIES, "The lines would cost " + String.join(" and ", currencies))
                        .with("currencies", currencies);
    }

    public static Problem of(Outcome.UnknownSku refusal) {
        return unknown(refusal.stocks());
    }

    /** Of a hold that is to live still. */
    public static Problem ended(Hold hold) {
        return switch (hold.state()) {
            case CONFIRMED -> Problem.of(ErrorCode.HOLD_CONFIRMED, "Its units belong to an order now");
            case RELEASED -> Problem.of(ErrorCode.HOLD_RELEASED, "Its units were given back");
            case EXPIRED -> Problem.of(ErrorCode.HOLD_EXPIRED, "Its deadline was " + hold.expiresAt());
            case ACTIVE -> throw new IllegalStateException("a live hold has not ended: " + hold);
        };
    }

    public static Problem unknown(List<StockKey> stocks) {
        List<UnknownLine> lines = stocks.stream().map(UnknownLine::of).toList();
        return Problem.of(ErrorCode.UNKNOWN_SKU, "Nothing was ever received of " + joined(lines))
                .with("lines", lines);
    }

    public static Problem of(Outcome.KeyReused refusal) {
        return keyReused();
    }

    public static Problem keyReused() {
        return Problem.of(
                ErrorCode.IDEMPOTENCY_KEY_REUSED,
                "This key was first used with another request; a new intent needs a new key");
    }

    /** Failures that are answered; null for those that are incidents. */
    static @Nullable Problem of(EngineFailure failure) {
        return switch (failure) {
            case EngineFailure.Overloaded f ->
                Problem.of(ErrorCode.OVERLOADED, "Nothing was taken; send the same request again a moment later");
            case EngineFailure.TimedOut f -> Problem.of(ErrorCode.TIMED_OUT, "Nothing was changed: " + f.getMessage());
            case EngineFailure.Unavailable f -> unavailable();
            case EngineFailure.Closed f ->
                Problem.of(ErrorCode.SHUTTING_DOWN, "Nothing was taken; send the same request to another server");
            case EngineFailure.Refused f -> null;
        };
    }

    /** Nobody knows: the same request will tell. */
    public static Problem unavailable() {
        return Problem.of(
                ErrorCode.UNAVAILABLE,
                "It is not known whether the request was carried out; sent again with the same key it gets the right answer");
    }

    private static String joined(List<?> lines) {
        return lines.stream().map(Object::toString).collect(Collectors.joining("; "));
    }
}
