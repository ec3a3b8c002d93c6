package dev.holdfast.storm;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Everything the checks may look at: what buyers were told, and what the server shows afterwards.
 *
 * @param holds by id; a hold that was not looked up is missing
 * @param stock by SKU
 * @param readAt when the last of it was read
 */
record Evidence(
        Supply supply,
        List<Deal> deals,
        Map<String, Look<HoldSeen>> holds,
        Map<String, Shelf> stock,
        Invariants invariants,
        Instant readAt) {

    /** What is shown of one SKU; {@code trouble} says what could not be read. */
    record Shelf(
            @Nullable LevelSeen level,
            @Nullable LedgerSeen ledger,
            @Nullable String trouble) {}

    /** The server's own verdict. */
    record Invariants(boolean ok, List<String> violations) {}

    Optional<Look<HoldSeen>> lookup(Deal deal) {
        return Optional.ofNullable(holds.get(lookupId(deal)));
    }

    /** A UUIDv7 key is the hold's id, so that a hold nobody was told about can be looked for. */
    static String lookupId(Deal deal) {
        return deal.hold().map(HoldSeen::id).orElseGet(deal.key()::toString);
    }
}
