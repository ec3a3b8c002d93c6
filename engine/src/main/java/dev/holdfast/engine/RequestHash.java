package dev.holdfast.engine;

import dev.holdfast.engine.Command.Adjust;
import dev.holdfast.engine.Command.ConfirmHold;
import dev.holdfast.engine.Command.Count;
import dev.holdfast.engine.Command.Deallocate;
import dev.holdfast.engine.Command.ExpireHold;
import dev.holdfast.engine.Command.ExtendHold;
import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.Command.Receive;
import dev.holdfast.engine.Command.ReleaseHold;
import dev.holdfast.engine.Command.Return;
import dev.holdfast.engine.Command.Sell;
import dev.holdfast.engine.Command.SetLimits;
import dev.holdfast.engine.Command.Settle;
import dev.holdfast.engine.Command.Ship;
import dev.holdfast.engine.Command.Transfer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether two commands with one idempotency key ask for the same thing: the first 64 bits of SHA-256 over an
 * unambiguous encoding (every text behind its length). A client that reuses a key by mistake slips through once in 2^64.
 */
final class RequestHash {
    /**
     * Kept for the next command of whichever thread: digest and buffer were most of what a command allocated (700 bytes). By thread
     * they would not be found again, because a server has a new one for each request. 64 × 2 kB.
     */
    private static final AtomicReferenceArray<@Nullable RequestHash> IDLE = new AtomicReferenceArray<>(64);

    /** Enough for 10 lines; a larger one is let go. */
    private static final int KEPT_BYTES_MAX = 1_024;

    private final MessageDigest digest = newSha256();
    private ByteBuffer bytes = ByteBuffer.allocate(256);

    private RequestHash() {}

    static long of(Command<?> command) {
        int slot = (int) Thread.currentThread().threadId() & (IDLE.length() - 1);
        var idle = IDLE.getAndSet(slot, null);
        var hash = idle == null ? new RequestHash() : idle;
        long value = hash.hash(command);
        if (hash.bytes.capacity() <= KEPT_BYTES_MAX) {
            IDLE.set(slot, hash);
        }
        return value;
    }

    private long hash(Command<?> command) {
        bytes.clear();
        encode(command);
        digest.update(bytes.flip());
        return ByteBuffer.wrap(digest.digest()).getLong();
    }

    private void encode(Command<?> command) {
        switch (command) {
            case PlaceHold c ->
                kind(1, c.key())
                        .lines(c.lines(), c.sourcing())
                        .number(c.ttl().toSeconds())
                        .text(c.channel())
                        .text(c.reference())
                        .optionalId(c.supersedes());
            case ExtendHold c -> kind(2, c.key()).id(c.holdId()).number(c.ttl().toSeconds());
            case ConfirmHold c -> kind(3, c.key()).id(c.holdId()).part(c.lines());
            case ReleaseHold c -> kind(4, c.key()).id(c.holdId()).part(c.lines());
            case ExpireHold c -> kind(5, null).id(c.holdId());
            case Sell c ->
                kind(6, c.key())
                        .lines(c.lines(), c.sourcing())
                        .text(c.channel())
                        .text(c.reference());
            case Ship c -> kind(7, c.key()).id(c.holdId()).lines(c.lines());
            case Receive c ->
                kind(8, c.key()).stock(c.stock()).number(c.quantity().units()).text(c.reference());
            case Return c ->
                kind(9, c.key()).stock(c.stock()).number(c.quantity().units()).text(c.reference());
            case Adjust c ->
                kind(10, c.key())
                        .stock(c.stock())
                        .number(c.delta())
                        .text(c.reason())
                        .version(c.expectedVersion());
            case Count c ->
                kind(11, c.key())
                        .stock(c.stock())
                        .number(c.counted())
                        .text(c.reason())
                        .version(c.expectedVersion());
            case Transfer c ->
                kind(12, c.key())
                        .stock(c.from())
                        .text(c.to().value())
                        .number(c.quantity().units())
                        .version(c.expectedVersion());
            case SetLimits c ->
                kind(13, c.key())
                        .stock(c.stock())
                        .number(c.safetyStock())
                        .number(c.backorderLimit())
                        .version(c.expectedVersion())
                        .buffers(c.buffers());
            case Settle c ->
                kind(15, c.key())
                        .id(c.holdId())
                        .lines(c.lines())
                        .text(c.soldAt() == null ? null : c.soldAt().toString())
                        .text(c.reference());
            case Deallocate c -> kind(14, c.key()).id(c.holdId()).lines(c.lines());
        }
    }

    private static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    static byte[] sha256(ByteBuffer bytes) {
        var digest = newSha256();
        digest.update(bytes);
        return digest.digest();
    }

    private RequestHash kind(int kind, @Nullable IdempotencyKey key) {
        return number(kind).text(key == null ? null : key.caller());
    }

    private RequestHash lines(List<Line> lines) {
        number(lines.size());
        lines.forEach(line -> stock(line.stock()).number(line.units()));
        return this;
    }

    /** Nothing for the whole: only at the end of a request. */
    private RequestHash part(List<Line> lines) {
        return lines.isEmpty() ? this : lines(lines);
    }

    /** Where units come from is a decision: only what was said about it is part of the request. */
    private RequestHash lines(List<Line> lines, @Nullable Sourcing sourcing) {
        if (sourcing == null) {
            return lines(lines);
        }
        number(lines.size() + sourcing.wanted().size());
        lines.forEach(line -> stock(line.stock()).number(line.units()));
        var terms = sourcing.terms();
        var location = terms == null ? Location.MAIN.value() : null;
        sourcing.wanted()
                .forEach(wanted -> text(wanted.sku().value()).text(location).number(wanted.units()));
        return terms == null ? this : text(terms);
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

    /** Nothing if they stay: only at the end of a request. */
    private RequestHash buffers(@Nullable List<Buffer> buffers) {
        if (buffers != null) {
            number(buffers.size());
            buffers.forEach(
                    buffer -> text(buffer.channel()).number(buffer.units()).number(buffer.priority()));
        }
        return this;
    }

    /** Nothing if there is none: only at the end of a request. */
    private RequestHash optionalId(@Nullable UUID id) {
        return id == null ? this : id(id);
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
