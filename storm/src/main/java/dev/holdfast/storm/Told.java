package dev.holdfast.storm;

/** What a buyer was told when it asked for a hold. */
sealed interface Told {

    /**
     * Yes.
     *
     * @param uncertain an earlier sending may have arrived, so that even a first answer may be a replay
     */
    record Placed(HoldSeen hold, boolean replayed, boolean uncertain) implements Told {}

    /**
     * No: out of stock.
     *
     * @param uncertain an earlier sending may have arrived and may still be decided
     */
    record Refused(boolean uncertain) implements Told {}

    /** No answer, or one that the contract does not know. Counted as an error. */
    record Failed(String why) implements Told {}
}
