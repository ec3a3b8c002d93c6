package dev.holdfast.storm;

/** A stock level as the server showed it. */
record LevelSeen(
        long onHand,
        long held,
        long allocated,
        long safetyStock,
        long backorderLimit,
        long shortfall,
        long available,
        long availableInAll,
        long version) {

    long availableByFormula() {
        return onHand + backorderLimit + shortfall - safetyStock - held - allocated;
    }
}
