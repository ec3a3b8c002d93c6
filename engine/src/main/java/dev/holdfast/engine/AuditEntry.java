package dev.holdfast.engine;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One change of one thing by somebody.
 *
 * @param before the fields that changed, as they were, in JSON; null where it is new
 * @param after the same fields as they became, in JSON
 */
record AuditEntry(
        Actor actor,
        String action,
        String subject,
        @Nullable String before,
        String after,
        @Nullable String reason) {

    static AuditEntry of(Actor actor, Movement movement, Level before, Level after) {
        var reason = actor.reason() == null ? movement.note() : actor.reason();
        var was = fields(before);
        var is = fields(after);
        return new AuditEntry(
                actor,
                action(movement.kind()),
                "stock/" + movement.stock(),
                before.version() == 0 ? null : different(was, is),
                different(is, was),
                reason);
    }

    /** @param before null: it is placed */
    static AuditEntry of(Actor actor, String action, @Nullable Hold before, Hold after) {
        var is = fields(after);
        var was = before == null ? Map.<String, String>of() : fields(before);
        return new AuditEntry(
                actor,
                action,
                "hold/" + after.id(),
                before == null ? null : different(was, is),
                different(is, was),
                actor.reason());
    }

    static String action(Movement.Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** By their names, in JSON. */
    private static Map<String, String> fields(Level level) {
        var fields = new LinkedHashMap<String, String>();
        fields.put("onHand", Long.toString(level.onHand()));
        fields.put("held", Long.toString(level.held()));
        fields.put("allocated", Long.toString(level.allocated()));
        fields.put("safetyStock", Long.toString(level.safetyStock()));
        fields.put("backorderLimit", Long.toString(level.backorderLimit()));
        fields.put("shortfall", Long.toString(level.shortfall()));
        fields.put(
                "buffers", level.buffers().stream().map(AuditEntry::json).collect(Collectors.joining(",", "[", "]")));
        return fields;
    }

    private static Map<String, String> fields(Hold hold) {
        var fields = new LinkedHashMap<String, String>();
        fields.put("state", json(hold.state().name()));
        fields.put("expiresAt", json(hold.expiresAt().toString()));
        if (hold.channel() != null) {
            fields.put("channel", json(hold.channel()));
        }
        if (hold.reference() != null) {
            fields.put("reference", json(hold.reference()));
        }
        for (int i = 0; i < hold.lines().size(); i++) {
            var line = "lines[" + hold.lines().get(i).stock() + "].";
            var part = hold.part(i);
            fields.put(line + "held", Long.toString(hold.held(i)));
            fields.put(line + "confirmed", Long.toString(part.confirmed()));
            fields.put(line + "released", Long.toString(part.released() + part.lapsed()));
            fields.put(line + "shipped", Long.toString(part.shipped()));
        }
        return fields;
    }

    /** What the other one does not have, nothing being as good as none. */
    private static String different(Map<String, String> of, Map<String, String> other) {
        var fields = new StringJoiner(",", "{", "}");
        of.forEach((name, value) -> {
            if (!value.equals(other.getOrDefault(name, "0"))) {
                fields.add(json(name) + ":" + value);
            }
        });
        return fields.toString();
    }

    private static String json(Buffer buffer) {
        return "{\"channel\":%s,\"units\":%d,\"priority\":%d}"
                .formatted(json(buffer.channel()), buffer.units(), buffer.priority());
    }

    /** Names of channels, stocks and references have no control characters: nothing else needs to be escaped. */
    private static String json(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
