package dev.holdfast.engine;

import dev.holdfast.engine.Command.Adjust;
import dev.holdfast.engine.Command.ConfirmHold;
import dev.holdfast.engine.Command.Count;
import dev.holdfast.engine.Command.ExpireHold;
import dev.holdfast.engine.Command.ExtendHold;
import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.Command.Receive;
import dev.holdfast.engine.Command.ReleaseHold;
import dev.holdfast.engine.Command.Return;
import dev.holdfast.engine.Command.Sell;
import dev.holdfast.engine.Command.SetLimits;
import dev.holdfast.engine.Command.Ship;
import dev.holdfast.engine.Command.Transfer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether two commands with one idempotency key ask for the same thing: the first 64 bits of SHA-256 over an
 * unambiguous encoding (every text behind its length). A client that reuses a key by mistake slips through once in 2^64.
 */
final class RequestHash {
    private ByteBuffer bytes = ByteBuffer.allocate(256);

    private RequestHash() {}

    static long of(Command<?> command) {
        var hash = new RequestHash();
        switch (command) {
            case PlaceHold c ->
                hash.kind(1, c.key())
                        .lines(c.lines())
                        .number(c.ttl().toSeconds())
                        .text(c.channel())
                        .text(c.reference());
            case ExtendHold c ->
                hash.kind(2, c.key()).id(c.holdId()).number(c.ttl().toSeconds());
            case ConfirmHold c -> hash.kind(3, c.key()).id(c.holdId());
            case ReleaseHold c -> hash.kind(4, c.key()).id(c.holdId());
            case ExpireHold c -> hash.kind(5, null).id(c.holdId());
            case Sell c ->
                hash.kind(6, c.key()).lines(c.lines()).text(c.channel()).text(c.reference());
            case Ship c -> hash.kind(7, c.key()).id(c.holdId()).lines(c.lines());
            case Receive c ->
                hash.kind(8, c.key())
                        .stock(c.stock())
                        .number(c.quantity().units())
                        .text(c.reference());
            case Return c ->
                hash.kind(9, c.key())
                        .stock(c.stock())
                        .number(c.quantity().units())
                        .text(c.reference());
            case Adjust c ->
                hash.kind(10, c.key())
                        .stock(c.stock())
                        .number(c.delta())
                        .text(c.reason())
                        .version(c.expectedVersion());
            case Count c ->
                hash.kind(11, c.key())
                        .stock(c.stock())
                        .number(c.counted())
                        .text(c.reason())
                        .version(c.expectedVersion());
            case Transfer c ->
                hash.kind(12, c.key())
                        .stock(c.from())
                        .text(c.to().value())
                        .number(c.quantity().units())
                        .version(c.expectedVersion());
            case SetLimits c ->
                hash.kind(13, c.key())
                        .stock(c.stock())
                        .number(c.safetyStock())
                        .number(c.backorderLimit())
                        .version(c.expectedVersion());
        }
        return ByteBuffer.wrap(sha256(hash.bytes.flip())).getLong();
    }

    static byte[] sha256(ByteBuffer bytes) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            digest.update(bytes);
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private RequestHash kind(int kind, @Nullable IdempotencyKey key) {
        return number(kind).text(key == null ? null : key.caller());
    }

    private RequestHash lines(List<Line> lines) {
        number(lines.size());
        lines.forEach(line -> stock(line.stock()).number(line.units()));
        return this;
    }

    private RequestHash stock(StockKey stock) {
        return text(stock.sku().value()).text(stock.location().value());
    }

    private RequestHash version(@Nullable Long version) {
        return number(version == null ? -1 : version);
    }

    private RequestHash id(UUID id) {
        return number(id.getMostSignificantBits()).number(id.getLeastSignificantBits());
    }

    private RequestHash number(long number) {
        room(Long.BYTES).putLong(number);
        return this;
    }

    private RequestHash text(@Nullable String text) {
        if (text == null) {
            room(Integer.BYTES).putInt(-1);
            return this;
        }
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        room(Integer.BYTES + utf8.length).putInt(utf8.length).put(utf8);
        return this;
    }

    private ByteBuffer room(int more) {
        if (bytes.remaining() < more) {
            bytes = ByteBuffer.allocate(2 * (bytes.capacity() + more)).put(bytes.flip());
        }
        return bytes;
    }
}
