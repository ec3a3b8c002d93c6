package dev.holdfast.engine;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;

/** An opaque place in the merged ledgers of a SKU: for each location, the version shown last. */
final class MovementCursor {
    private MovementCursor() {}

    static String encode(Map<String, Long> lastVersions) {
        // A location has no control characters, so a line feed separates.
        var text = new StringJoiner("\n");
        lastVersions.forEach((location, version) -> text.add(version + "/" + location));
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(text.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** @throws IllegalArgumentException if the text is no cursor */
    static Map<String, Long> decode(String cursor) {
        var lastVersions = new LinkedHashMap<String, Long>();
        try {
            var text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
            for (String part : text.split("\n", -1)) {
                int slash = part.indexOf('/');
                lastVersions.put(
                        new Location(part.substring(slash + 1)).value(), Long.parseLong(part.substring(0, slash)));
            }
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("not a cursor of this list", e);
        }
        return lastVersions;
    }
}
