package dev.holdfast.server.ticketing;

import dev.holdfast.engine.Sku;
import dev.holdfast.engine.StockKey;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What the places of an event and the rules of its sale are called in stock, all at the location {@code main}:
 *
 * <ul>
 *   <li>{@code event:<id>/<label>}: a seat, of which there is one, or an area, of which there are as many as it takes people;
 *   <li>{@code event:<id>#<hash>}: how many places one buyer may have; a hold of his takes as many as it takes places;
 *   <li>{@code event:<id>!<hash>}: how many places a presale code is good for; the same.
 * </ul>
 *
 * A rule that is a stock is decided where places are, in the same transaction, and comes back with them when a hold ends.
 */
final class SeatSku {
    static final String PREFIX = "event:";

    private static final int ID_LENGTH = 36;
    private static final int KIND_AT = PREFIX.length() + ID_LENGTH;
    private static final char PLACE = '/';
    private static final char BUYER = '#';
    private static final char CODE = '!';

    private SeatSku() {}

    /** @param label of a seat, or the name of an area */
    static StockKey place(UUID event, String label) {
        return StockKey.of(PREFIX + event + PLACE + label);
    }

    static StockKey buyer(UUID event, String buyer) {
        return StockKey.of(PREFIX + event + BUYER + hash(buyer));
    }

    static StockKey code(UUID event, String code) {
        return StockKey.of(PREFIX + event + CODE + hash(code));
    }

    /** Whether it is of an event, be it a place or a rule. */
    static boolean isOfEvent(Sku sku) {
        return sku.value().startsWith(PREFIX) && sku.value().length() > KIND_AT;
    }

    static UUID event(Sku sku) {
        return UUID.fromString(sku.value().substring(PREFIX.length(), KIND_AT));
    }

    /** The seat's label or the area's name; null if it is a rule. */
    static @Nullable String label(Sku sku) {
        return sku.value().charAt(KIND_AT) == PLACE ? sku.value().substring(KIND_AT + 1) : null;
    }

    static boolean isBuyer(Sku sku) {
        return sku.value().charAt(KIND_AT) == BUYER;
    }

    /** 128 bits: no two buyers of one event share one, and who reads the ledger does not read their names. */
    private static String hash(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(hash, 16));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
