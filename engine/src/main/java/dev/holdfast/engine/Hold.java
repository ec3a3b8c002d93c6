package dev.holdfast.engine;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.IntToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A temporary claim on units, all lines or none.
 *
 * @param id the id of the idempotency key it was placed with
 * @param lines one line a stock, in the order asked
 * @param expiresAt when it ends by itself unless confirmed, released or extended before
 * @param parts what became of each line; empty as long as its state says that of all of them, see {@link #part}
 */
public record Hold(
        UUID id,
        State state,
        List<Line> lines,
        Instant placedAt,
        Instant expiresAt,
        @Nullable String channel,
        @Nullable String reference,
        List<Part> parts) {

    public Hold(
            UUID id,
            State state,
            List<Line> lines,
            Instant placedAt,
            Instant expiresAt,
            @Nullable String channel,
            @Nullable String reference) {
        this(id, state, lines, placedAt, expiresAt, channel, reference, List.of());
    }

    /** ACTIVE until one of the ends, which is reached once. */
    public enum State {
        ACTIVE(0),
        CONFIRMED(1),
        RELEASED(2),
        EXPIRED(3);

        private static final State[] BY_CODE = values();

        /** What the database stores. */
        final short code;

        State(int code) {
            this.code = (short) code;
        }

        static State of(short code) {
            return BY_CODE[code];
        }
    }

    /**
     * What became of a line's units. All that is not confirmed, released or lapsed is still held.
     *
     * @param confirmed sold, and not given back since
     * @param released given back by name: out of what was held, or of what was confirmed and not shipped
     * @param lapsed given back because the hold ended
     * @param shipped of those confirmed
     */
    public record Part(long confirmed, long released, long lapsed, long shipped) {
        static final Part NONE = new Part(0, 0, 0, 0);

        private long ended() {
            return confirmed + released + lapsed;
        }

        Part confirm(long units) {
            return new Part(confirmed + units, released, lapsed, shipped);
        }

        Part release(long units) {
            return new Part(confirmed, released + units, lapsed, shipped);
        }

        Part lapse(long units) {
            return new Part(confirmed, released, lapsed + units, shipped);
        }

        Part ship(long units) {
            return new Part(confirmed, released, lapsed, shipped + units);
        }

        Part deallocate(long units) {
            return new Part(confirmed - units, released + units, lapsed, shipped);
        }
    }

    /** What became of a line. */
    public Part part(int line) {
        if (!parts.isEmpty()) {
            return parts.get(line);
        }
        long units = lines.get(line).units();
        return switch (state) {
            case ACTIVE -> Part.NONE;
            case CONFIRMED -> Part.NONE.confirm(units);
            case RELEASED, EXPIRED -> Part.NONE.lapse(units);
        };
    }

    /** Units of a line that are neither confirmed nor given back. */
    public long held(int line) {
        return lines.get(line).units() - part(line).ended();
    }

    private long allocated(int line) {
        return part(line).confirmed() - part(line).shipped();
    }

    /** The lines that have units still held, with those. */
    List<Line> held() {
        return parts.isEmpty() ? linesIn(State.ACTIVE) : linesOf(this::held);
    }

    /** The lines that have units confirmed and not shipped, with those. */
    List<Line> allocated() {
        return parts.isEmpty() ? linesIn(State.CONFIRMED) : linesOf(this::allocated);
    }

    private List<Line> linesIn(State wanted) {
        return state == wanted ? lines : List.of();
    }

    private List<Line> linesOf(IntToLongFunction units) {
        var some = new ArrayList<Line>(lines.size());
        for (int i = 0; i < lines.size(); i++) {
            long n = units.applyAsLong(i);
            if (n > 0) {
                some.add(new Line(lines.get(i).stock(), n));
            }
        }
        return some;
    }

    /** Whether it ended with units that nobody had confirmed or released by name. */
    boolean lapsed() {
        return IntStream.range(0, lines.size()).anyMatch(i -> part(i).lapsed() > 0);
    }

    Hold confirmed(List<Line> some) {
        return withParts(after(some, Part::confirm));
    }

    Hold released(List<Line> some) {
        return withParts(after(some, Part::release));
    }

    /** Confirmed and handed over at once. */
    Hold sold(List<Line> some) {
        return withParts(after(some, (part, units) -> part.confirm(units).ship(units)));
    }

    Hold shipped(List<Line> some) {
        return with(state, after(some, Part::ship));
    }

    Hold deallocated(List<Line> some) {
        return with(state, after(some, Part::deallocate));
    }

    /** All that is held goes the way of this end. A hold of which something was confirmed before ends as confirmed. */
    Hold ended(State end) {
        if (parts.isEmpty()) {
            return with(end, parts);
        }
        var next = after(held(), end == State.CONFIRMED ? Part::confirm : Part::lapse);
        return with(hasConfirmed(next) ? State.CONFIRMED : end, next);
    }

    /** Live while something is held, then confirmed if anything was, else released. */
    private Hold withParts(List<Part> next) {
        return with(isLive(next) ? State.ACTIVE : hasConfirmed(next) ? State.CONFIRMED : State.RELEASED, next);
    }

    /** As it was when these were its parts: before its end, or at it. */
    Hold asOf(List<Part> then) {
        return with(isLive(then) ? State.ACTIVE : state, then);
    }

    private boolean isLive(List<Part> some) {
        return IntStream.range(0, lines.size())
                .anyMatch(i -> some.get(i).ended() < lines.get(i).units());
    }

    private static boolean hasConfirmed(List<Part> parts) {
        return parts.stream().anyMatch(part -> part.confirmed > 0);
    }

    private interface Step {
        Part of(Part part, long units);
    }

    private List<Part> after(List<Line> some, Step step) {
        Map<StockKey, Long> units = some.stream().collect(Collectors.toMap(Line::stock, Line::units));
        var next = new ArrayList<Part>(lines.size());
        for (int i = 0; i < lines.size(); i++) {
            next.add(step.of(part(i), units.getOrDefault(lines.get(i).stock(), 0L)));
        }
        return next;
    }

    /** True from the deadline on, whether or not the sweeper has passed. */
    public boolean isDue(Instant now) {
        return state == State.ACTIVE && !now.isBefore(expiresAt);
    }

    private Hold with(State next, List<Part> nextParts) {
        return new Hold(id, next, lines, placedAt, expiresAt, channel, reference, nextParts);
    }

    /** As it was when that could be said of all its lines. */
    Hold wholly(State then) {
        return with(then, List.of());
    }

    Hold until(Instant deadline) {
        return new Hold(id, state, lines, placedAt, deadline, channel, reference, parts);
    }
}
