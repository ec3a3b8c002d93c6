package dev.holdfast.server.venue;

import dev.holdfast.server.api.Caller;
import dev.holdfast.server.api.ErrorCode;
import dev.holdfast.server.api.Json;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.api.Refusals;
import dev.holdfast.server.api.Versions;
import dev.holdfast.server.audit.Audit;
import dev.holdfast.server.venue.Edit.Deleted;
import dev.holdfast.server.venue.Edit.Refused;
import dev.holdfast.server.venue.Edit.Saved;
import dev.holdfast.server.venue.Venue.Plan;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** What people do to venues, a transaction each, under the lock of the venue's row. */
@Component
class VenueWrites {
    private final VenueStore store;
    private final TransactionTemplate transaction;
    private final Audit audit;
    private final Clock clock;

    VenueWrites(VenueStore store, TransactionTemplate transaction, Audit audit, Clock clock) {
        this.store = store;
        this.transaction = transaction;
        this.audit = audit;
        this.clock = clock;
    }

    /** @param hash of the request if its key may come again; null if it has none */
    Edit create(UUID id, @Nullable Long hash, String name, Caller caller) {
        return transacted(() -> {
            boolean isNew = store.insert(id, name, hash, now());
            Venue venue = store.find(id).orElse(null);
            if (venue == null) {
                return new Refused(unknown(id)); // deleted between the two
            }
            if (isNew) {
                record(caller, "create", id, Map.of(), venue.fields());
            } else if (hash == null || !hash.equals(venue.hash())) {
                return new Refused(Refusals.keyReused());
            }
            return new Saved(venue, !isNew);
        });
    }

    Edit rename(UUID id, @Nullable Long expectedVersion, String name, Caller caller) {
        return edit(id, expectedVersion, venue -> {
            if (name.equals(venue.name())) {
                return new Saved(venue, false);
            }
            store.rename(id, name, now());
            return saved("update", venue, caller);
        });
    }

    /** Its maps stay, for what was sold on them. */
    Edit delete(UUID id, @Nullable Long expectedVersion, Caller caller) {
        return edit(id, expectedVersion, venue -> {
            store.delete(id);
            record(caller, "delete", id, venue.fields(), Map.of());
            return new Deleted();
        });
    }

    /**
     * Another version of its map; the same one again is no other.
     *
     * @param expectedVersion of the map, 0 for none; null: whatever it is
     */
    Edit replaceMap(UUID id, @Nullable Long expectedVersion, VenueMap map, Caller caller) {
        byte[] compressed = Gzip.compress(Json.write(map));
        return edit(id, null, venue -> {
            if (expectedVersion != null && expectedVersion != venue.mapVersion()) {
                return new Refused(staleMap(venue));
            }
            if (store.map(id, venue.mapVersion())
                    .filter(stored -> Arrays.equals(stored, compressed))
                    .isPresent()) {
                return new Saved(venue, false);
            }
            store.insertMap(id, Plan.of(store.nextMapVersion(id), map), compressed, now());
            return saved("replace-map", venue, caller);
        });
    }

    static Problem unknown(UUID id) {
        return Problem.of(ErrorCode.UNKNOWN_VENUE, "No venue has the id " + id);
    }

    private Edit edit(UUID id, @Nullable Long expectedVersion, Function<Venue, Edit> change) {
        return transacted(() -> {
            Venue venue = store.lock(id).orElse(null);
            if (venue == null) {
                return new Refused(unknown(id));
            }
            return venue.isAt(expectedVersion) ? change.apply(venue) : new Refused(stale(venue));
        });
    }

    private Edit transacted(Supplier<Edit> useCase) {
        return Objects.requireNonNull(transaction.execute(_ -> useCase.get()));
    }

    private Edit saved(String action, Venue before, Caller caller) {
        Venue venue = store.find(before.id()).orElseThrow();
        record(caller, action, venue.id(), before.fields(), venue.fields());
        return new Saved(venue, false);
    }

    private void record(Caller caller, String action, UUID id, Map<String, Object> before, Map<String, Object> after) {
        audit.record(caller, now(), List.of(new Audit.Change(action, "venue/" + id, before, after)));
    }

    private static Problem stale(Venue venue) {
        return stale("The venue", venue.version()).with("venue", VenueView.of(venue));
    }

    private static Problem staleMap(Venue venue) {
        return stale("The map", venue.mapVersion());
    }

    private static Problem stale(String what, long version) {
        return Problem.of(
                        ErrorCode.VERSION_CHANGED,
                        what + " is at version " + version + " now; look at it again and decide again")
                .with("currentVersion", version)
                .withHeader(Versions.ETAG, Versions.etag(version));
    }

    /** To the microsecond, as the database keeps it. */
    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
