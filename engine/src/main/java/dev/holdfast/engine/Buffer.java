package dev.holdfast.engine;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Units of a stock that are kept for a channel: channels of a lower priority leave them alone. Its own units, and those of channels with
 * the same or a lower priority, bind nobody; a channel without a buffer there, and whoever names none, has priority 0.
 *
 * @param channel as in {@link Command.PlaceHold} and {@link Command.Sell}, 1 to 64 characters
 * @param units 0 to 10^9; 0 gives the channel a priority alone
 * @param priority 0 to 1,000; the higher it is, the more others' units it may take
 */
public record Buffer(String channel, long units, int priority) {
    public static final int PRIORITY_MAX = 1_000;

    /** Of one stock: read with every decision about it, and 16 × 10^9 are far from the end of a long. */
    public static final int COUNT_MAX = 16;

    public Buffer {
        Text.requireName("channel", channel, Command.CHANNEL_LENGTH_MAX);
        if (units < 0 || units > Quantity.MAX) {
            throw new IllegalArgumentException("units must be 0 to " + Quantity.MAX);
        }
        if (priority < 0 || priority > PRIORITY_MAX) {
            throw new IllegalArgumentException("priority must be 0 to " + PRIORITY_MAX);
        }
    }

    /** Units that this channel must leave; null: no channel. */
    static long keptFrom(@Nullable String channel, List<Buffer> buffers) {
        if (buffers.isEmpty()) {
            return 0;
        }
        int own = 0;
        for (Buffer buffer : buffers) {
            own = buffer.channel.equals(channel) ? buffer.priority : own;
        }
        long units = 0;
        for (Buffer buffer : buffers) {
            units += buffer.priority > own ? buffer.units : 0;
        }
        return units;
    }

    /** As the database has them: a line each, and names have no line ends. Null if there are none. */
    static @Nullable String text(List<Buffer> buffers) {
        return buffers.isEmpty()
                ? null
                : buffers.stream()
                        .map(buffer -> buffer.units + " " + buffer.priority + " " + buffer.channel)
                        .collect(Collectors.joining("\n"));
    }

    static List<Buffer> parse(@Nullable String text) {
        return text == null
                ? List.of()
                : Arrays.stream(text.split("\n", -1))
                        .map(line -> line.split(" ", 3))
                        .map(parts -> new Buffer(parts[2], Long.parseLong(parts[0]), Integer.parseInt(parts[1])))
                        .toList();
    }
}
