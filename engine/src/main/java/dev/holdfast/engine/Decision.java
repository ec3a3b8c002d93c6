package dev.holdfast.engine;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a command comes to: the answer, and everything it changes.
 *
 * @param hold the hold it makes or changes, as it is afterwards
 * @param entry what to remember of its key; a hold needs none, its row is found by the key
 */
record Decision(
        Outcome outcome,
        List<Change> changes,
        @Nullable HoldRow hold,
        @Nullable Entry entry) {

    /** An answer that changes nothing. */
    static Decision no(Outcome outcome) {
        return new Decision(outcome, List.of(), null, null);
    }

    /** One step of one level. */
    record Change(Level after, Movement movement) {}

    /**
     * What is remembered of a command's key.
     *
     * @param expiresAt the deadline an extension answered with
     */
    record Entry(
            UUID id,
            long requestHash,
            Instant at,
            List<Movement> movements,
            @Nullable Instant expiresAt) {}

    /**
     * A hold with what only the engine needs to know of it.
     *
     * @param shipped units sent away so far, by line; empty before the first shipment
     */
    record HoldRow(Hold hold, long requestHash, List<Long> shipped) {
        static HoldRow placed(Hold hold, long requestHash) {
            return new HoldRow(hold, requestHash, List.of());
        }

        HoldRow with(Hold next) {
            return new HoldRow(next, requestHash, shipped);
        }

        boolean canShip(List<Line> lines) {
            Map<StockKey, Long> left = left().stream().collect(Collectors.toMap(Line::stock, Line::units));
            return lines.stream().allMatch(line -> left.getOrDefault(line.stock(), 0L) >= line.units());
        }

        /** What is not shipped yet, as lines; fully shipped lines are left out. */
        List<Line> left() {
            var left = new ArrayList<Line>();
            for (int i = 0; i < hold.lines().size(); i++) {
                var line = hold.lines().get(i);
                long units = line.units() - shipped(i);
                if (units > 0) {
                    left.add(new Line(line.stock(), units));
                }
            }
            return left;
        }

        HoldRow shipped(List<Line> lines) {
            Map<StockKey, Long> more = lines.stream().collect(Collectors.toMap(Line::stock, Line::units));
            var total = new ArrayList<Long>();
            for (int i = 0; i < hold.lines().size(); i++) {
                total.add(shipped(i) + more.getOrDefault(hold.lines().get(i).stock(), 0L));
            }
            return new HoldRow(hold, requestHash, total);
        }

        private long shipped(int line) {
            return shipped.isEmpty() ? 0 : shipped.get(line);
        }
    }
}
