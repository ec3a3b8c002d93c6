package dev.holdfast.server.ticketing;

import dev.holdfast.engine.Level;
import dev.holdfast.server.seating.Chooser;
import dev.holdfast.server.seating.OrphanRule;
import dev.holdfast.server.seating.Orphans;
import dev.holdfast.server.seating.SeatPlan;
import dev.holdfast.server.seating.Wanted;
import dev.holdfast.server.venue.VenueMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who has which seat of one event, as far as this node knows. Nothing is decided on it: seats are chosen by it, shown by it, and then held
 * by the engine or not. Safe for any number of threads; whatever is done under its lock takes some 10 µs.
 *
 * <p>Seats that somebody on this node is about to hold are left alone by whoever chooses next: choosers of one node never meet.
 */
final class LiveMap {
    /** What becomes of a seat. */
    enum State {
        FREE(0),
        HELD(1),
        SOLD(2),
        /** For another channel, or for nobody. */
        KEPT(3);

        /** In the map that clients get. */
        private final int bits;

        State(int bits) {
            this.bits = bits;
        }
    }

    /** Where a seat is. */
    record Place(String section, String row, VenueMap.Seat seat) {}

    /**
     * What is known now.
     *
     * @param changes how many there were
     * @param states of the seats in the map's order, two bits each, those of the first seat the lowest of the first byte; in base64
     * @param areas places left in each, for whoever names no channel
     */
    record Snapshot(long changes, String states, Map<String, Long> areas) {}

    /** Which seats changed, and what they are now. */
    record Changes(long changes, Map<Integer, State> seats, Map<String, Long> areas) {}

    /** So many changes can be told one by one; who was away longer gets the whole map, which is not much larger. */
    private static final int LOG_LENGTH = 1 << 13;

    private static final int AN_AREA = -1;

    /** Tells its versions from those of another server, and of this one before it was started again. */
    final String epoch = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());

    final VenueMap map;
    final SeatPlan plan;
    private final Map<String, Place> places = new HashMap<>();

    /** Null: not known yet. */
    private final @Nullable Level[] levels;

    private final State[] states;
    private final Map<String, Level> areas = new HashMap<>();

    /** Free for everybody. */
    private final BitSet free = new BitSet();

    /** Of which some channel has more than others. */
    private final BitSet buffered = new BitSet();

    private final BitSet beingHeld = new BitSet();
    private final int[] log = new int[LOG_LENGTH];
    private long changes;

    LiveMap(VenueMap map) {
        this.map = map;
        plan = SeatPlan.of(map);
        map.sections()
                .forEach(section -> section.rows()
                        .forEach(row -> row.seats()
                                .forEach(seat ->
                                        places.put(seat.label(), new Place(section.name(), row.name(), seat)))));
        levels = new @Nullable Level[plan.size()];
        states = new State[plan.size()];
        Arrays.fill(states, State.KEPT);
    }

    /** Null if there is no such seat. */
    @Nullable
    Place place(String label) {
        return places.get(label);
    }

    Optional<VenueMap.Area> area(String name) {
        return map.areas().stream().filter(area -> area.name().equals(name)).findAny();
    }

    List<String> labels(int[] seats) {
        return Arrays.stream(seats).mapToObj(plan::label).toList();
    }

    /** After so many changes. */
    String version(long changes) {
        return epoch + "-" + changes;
    }

    synchronized Snapshot snapshot() {
        byte[] packed = new byte[(states.length + 3) / 4];
        for (int i = 0; i < states.length; i++) {
            packed[i / 4] |= (byte) (states[i].bits << (2 * (i % 4)));
        }
        return new Snapshot(changes, Base64.getEncoder().encodeToString(packed), areasLeft());
    }

    /** Empty if these are too long ago to be told one by one, or never were. */
    synchronized Optional<Changes> since(long before) {
        if (before > changes || changes - before > LOG_LENGTH) {
            return Optional.empty();
        }
        Map<Integer, State> seats = new TreeMap<>();
        for (long i = before; i < changes; i++) {
            int seat = log[(int) (i % LOG_LENGTH)];
            if (seat != AN_AREA) {
                seats.put(seat, states[seat]);
            }
        }
        return Optional.of(new Changes(changes, seats, areasLeft()));
    }

    /** Waits until there was another change, or for so long. */
    synchronized void await(long before, long nanos) throws InterruptedException {
        long deadline = System.nanoTime() + nanos;
        for (long left = nanos; changes == before && left > 0; left = deadline - System.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }

    private Map<String, Long> areasLeft() {
        Map<String, Long> left = new TreeMap<>();
        areas.forEach((name, level) -> left.put(name, level.available()));
        return left;
    }

    /** What the engine says; older news than what is known is none. */
    synchronized void learn(String label, Level level) {
        int seat = plan.index(label).orElse(AN_AREA);
        Level before = seat == AN_AREA ? areas.get(label) : levels[seat];
        if (before != null && before.version() >= level.version()) {
            return;
        }
        if (seat == AN_AREA) {
            areas.put(label, level);
            changed(seat);
            return;
        }
        levels[seat] = level;
        buffered.set(seat, !level.buffers().isEmpty());
        State state = state(level);
        free.set(seat, state == State.FREE);
        if (states[seat] != state) {
            states[seat] = state;
            changed(seat);
        }
    }

    private static State state(Level level) {
        if (level.available() > 0) {
            return State.FREE;
        }
        return level.held() > 0 ? State.HELD : level.allocated() > 0 || level.onHand() == 0 ? State.SOLD : State.KEPT;
    }

    private void changed(int seat) {
        log[(int) (changes % LOG_LENGTH)] = seat;
        changes++;
        notifyAll();
    }

    /** Seats for somebody, which nobody else is given until {@link #letGo}. */
    synchronized Optional<int[]> choose(Wanted wanted, OrphanRule orphans, @Nullable String channel, long spread) {
        Optional<int[]> chosen = Chooser.choose(plan, freeFor(channel), wanted, orphans, spread)
                .map(seats -> seats.stream().toArray());
        chosen.ifPresent(this::keep);
        return chosen;
    }

    /** These are about to be held. */
    synchronized void keep(int[] seats) {
        for (int seat : seats) {
            beingHeld.set(seat);
        }
    }

    /** They are held, or not; the engine has said so. */
    synchronized void letGo(int[] seats) {
        for (int seat : seats) {
            beingHeld.clear(seat);
        }
    }

    /** What somebody who comes from this channel may choose from. */
    private BitSet freeFor(@Nullable String channel) {
        var seats = (BitSet) free.clone();
        if (channel != null) {
            buffered.stream().forEach(seat -> seats.set(seat, available(levels[seat], channel) > 0));
        }
        seats.andNot(beingHeld);
        return seats;
    }

    private static long available(@Nullable Level level, String channel) {
        return level == null ? 0 : level.available(channel);
    }

    /** The seats that would be left over single although they need not be, if somebody of this channel took these. */
    synchronized List<String> orphans(int[] seats, @Nullable String channel) {
        var chosen = new BitSet();
        for (int seat : seats) {
            chosen.set(seat);
        }
        BitSet now = freeFor(channel);
        now.or(chosen); // whether they are free is the engine's to say
        return labels(Orphans.of(plan, now, chosen).avoidable().stream().toArray());
    }

    /** Whether any seat or area is of it; of null, of whatever category, all are. */
    boolean hasCategory(@Nullable String category) {
        return category == null
                || areaOf(category).isPresent()
                || places.values().stream()
                        .anyMatch(place -> place.seat().category().equals(category));
    }

    /** The area of this category, if there is one. */
    Optional<VenueMap.Area> areaOf(@Nullable String category) {
        return map.areas().stream()
                .filter(area -> area.category().equals(category))
                .findAny();
    }

    /** Held and sold places that are not kept for this channel when they come back. */
    synchronized List<Level> takenWithout(String channel) {
        return levels(level -> !isKept(level, channel)
                && level.available() <= 0
                && (level.held() > 0 || level.allocated() > 0 || level.onHand() == 0));
    }

    /** Places that are kept for this channel. */
    synchronized List<Level> keptFor(String channel) {
        return levels(level -> isKept(level, channel));
    }

    /** Those of them that have come back. */
    synchronized List<Level> backFor(String channel) {
        return levels(level -> isKept(level, channel) && level.available(channel) > 0);
    }

    private List<Level> levels(Predicate<Level> which) {
        var found = new ArrayList<Level>();
        for (Level level : levels) {
            if (level != null && which.test(level)) {
                found.add(level);
            }
        }
        areas.values().stream().filter(which).forEach(found::add);
        return found;
    }

    private static boolean isKept(Level level, String channel) {
        return level.buffers().stream().anyMatch(buffer -> buffer.channel().equals(channel));
    }
}
