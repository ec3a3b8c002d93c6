package dev.holdfast.storm;

import java.util.List;

/**
 * The movements of one SKU as the server showed them.
 *
 * @param complete false when it was too long to be read to its beginning
 */
record LedgerSeen(List<Movement> newestFirst, boolean complete) {

    record Movement(long version, long onHandDelta, long heldDelta, long allocatedDelta) {}
}
