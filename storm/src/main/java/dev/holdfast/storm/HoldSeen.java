package dev.holdfast.storm;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A hold as the server showed it. */
record HoldSeen(
        String id, State state, List<Line> lines, @Nullable Instant expiresAt) {

    private static final Duration ROUNDING = Duration.ofMillis(1); // an answer may carry more digits than the database

    enum State {
        ACTIVE,
        CONFIRMED,
        RELEASED,
        EXPIRED
    }

    record Line(String sku, String location, long quantity) {}

    /** One unit of each SKU of the cart, nothing else. */
    boolean holds(List<String> cart) {
        var wanted = new TreeMap<String, Long>();
        cart.forEach(sku -> wanted.merge(sku, 1L, Long::sum));
        return content().equals(wanted);
    }

    boolean sameContent(HoldSeen other) {
        return content().equals(other.content());
    }

    boolean sameExpiry(HoldSeen other) {
        var mine = expiresAt;
        var theirs = other.expiresAt;
        if (mine == null || theirs == null) {
            return Objects.equals(mine, theirs);
        }
        return Duration.between(mine, theirs).abs().compareTo(ROUNDING) <= 0;
    }

    boolean lapsedBy(Instant time) {
        return expiresAt != null && !expiresAt.isAfter(time);
    }

    private TreeMap<String, Long> content() {
        var content = new TreeMap<String, Long>();
        lines.forEach(line -> content.merge(line.sku(), line.quantity(), Long::sum));
        return content;
    }
}
