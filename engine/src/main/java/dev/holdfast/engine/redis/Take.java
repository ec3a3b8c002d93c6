package dev.holdfast.engine.redis;

import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.Line;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Units taken from counters for a hold, not yet decided. The same hold may be asked for twice at once, so each attempt has an id of
 * its own.
 *
 * @param id the hold's id and the attempt's
 * @param sinceSeconds when, by Redis' clock
 */
record Take(String id, List<Line> lines, long sinceSeconds) {
    static Take of(PlaceHold command) {
        return new Take(command.key().id() + "/" + UUID.randomUUID(), command.lines(), 0);
    }

    UUID holdId() {
        return UUID.fromString(id.substring(0, id.indexOf('/')));
    }

    /** Stock, units, stock, units; names have no line ends. */
    String text() {
        var text = new ArrayList<String>();
        lines.forEach(line -> {
            text.add(Keys.name(line.stock()));
            text.add(String.valueOf(line.units()));
        });
        return String.join("\n", text);
    }

    /** What {@link CounterScripts#TAKE} made of it: the time, then {@link #text}. */
    static Take parse(String id, String value) {
        var parts = value.split("\n", -1);
        var lines = new ArrayList<Line>();
        for (int i = 1; i + 1 < parts.length; i += 2) {
            lines.add(new Line(Keys.stock(parts[i]), Long.parseLong(parts[i + 1])));
        }
        return new Take(id, lines, Long.parseLong(parts[0]));
    }
}
