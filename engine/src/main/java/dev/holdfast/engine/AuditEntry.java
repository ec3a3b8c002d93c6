package dev.holdfast.engine;

import java.util.Locale;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One change of one level by somebody. */
record AuditEntry(Actor actor, Movement movement, Level before, Level after) {
    String action() {
        return movement.kind().name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    String subject() {
        return "stock/" + movement.stock();
    }

    @Nullable
    String reason() {
        return actor.reason() == null ? movement.note() : actor.reason();
    }

    /** The fields that changed, as they were; null for a stock that has just come into being. */
    @Nullable
    String fieldsBefore() {
        return before.version() == 0 ? null : different(before, after);
    }

    String fieldsAfter() {
        return different(after, before);
    }

    private static String different(Level of, Level other) {
        var fields = new StringJoiner(",", "{", "}");
        add(fields, "onHand", of.onHand(), other.onHand());
        add(fields, "held", of.held(), other.held());
        add(fields, "allocated", of.allocated(), other.allocated());
        add(fields, "safetyStock", of.safetyStock(), other.safetyStock());
        add(fields, "backorderLimit", of.backorderLimit(), other.backorderLimit());
        add(fields, "shortfall", of.shortfall(), other.shortfall());
        if (!of.buffers().equals(other.buffers())) {
            fields.add(
                    of.buffers().stream().map(AuditEntry::json).collect(Collectors.joining(",", "\"buffers\":[", "]")));
        }
        return fields.toString();
    }

    private static void add(StringJoiner fields, String name, long value, long other) {
        if (value != other) {
            fields.add('"' + name + "\":" + value);
        }
    }

    /** A channel's name has no control characters: nothing else needs to be escaped. */
    private static String json(Buffer buffer) {
        String channel = buffer.channel().replace("\\", "\\\\").replace("\"", "\\\"");
        return "{\"channel\":\"%s\",\"units\":%d,\"priority\":%d}"
                .formatted(channel, buffer.units(), buffer.priority());
    }
}
