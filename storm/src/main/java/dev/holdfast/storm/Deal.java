package dev.holdfast.storm;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * One buyer and everything it was told.
 *
 * @param told one answer for each asking with this key, in the order they were sent
 * @param lost an asking was sent whose answer was lost on purpose
 * @param ended what became of the hold
 */
record Deal(Intent intent, UUID key, List<Told> told, boolean lost, Ended ended) {

    /** What the buyer was told about the end of its hold. */
    sealed interface Ended {

        /** There was no hold to end. */
        record Nothing() implements Ended {}

        /** The buyer walked away; the hold lapses by itself. */
        record Abandoned() implements Ended {}

        record Confirmed(HoldSeen hold) implements Ended {}

        record Released(HoldSeen hold) implements Ended {}

        record Extended(HoldSeen hold) implements Ended {}

        /** The hold had expired before. */
        record Lapsed() implements Ended {}

        /** No answer, or one that the contract does not know. */
        record Failed(String why) implements Ended {}
    }

    /** The hold this buyer was promised, as it was promised. */
    Optional<HoldSeen> hold() {
        return told.stream()
                .flatMap(t -> t instanceof Told.Placed p ? Stream.of(p.hold()) : Stream.empty())
                .findFirst();
    }

    /** All it heard was no. */
    boolean refused() {
        return told.stream().allMatch(Told.Refused.class::isInstance);
    }

    /** An asking of this key may have been decided without the buyer knowing. */
    boolean uncertain() {
        return lost
                || told.stream().anyMatch(t -> switch (t) {
                    case Told.Placed p -> p.uncertain();
                    case Told.Refused r -> r.uncertain();
                    case Told.Failed f -> true;
                });
    }
}
