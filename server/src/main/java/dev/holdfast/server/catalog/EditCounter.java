package dev.holdfast.server.catalog;

import dev.holdfast.server.cache.Changes;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** The counter of changes of products: one row, whose lock puts them in the order of their commits. */
@Component
class EditCounter {
    private final JdbcTemplate database;
    private final Changes changes;

    EditCounter(JdbcTemplate database, Changes changes) {
        this.database = database;
        this.changes = changes;
    }

    /**
     * Counts a change in the caller's transaction. The row is locked from here to the commit, so this comes last.
     *
     * @param isForSale whether it changes what may be promised
     * @return its number
     */
    long count(boolean isForSale) {
        return Objects.requireNonNull(database.queryForObject(
                "UPDATE catalogue_state SET edits = edits + 1, version = version + ? RETURNING edits",
                Long.class,
                isForSale ? 1 : 0));
    }

    /** After the commit. */
    void announce(long number, Collection<UUID> ids) {
        changes.announce(number, ids.stream().map(UUID::toString).toList());
    }

    /** As if they had changed. None: as if all had. */
    void forget(Collection<UUID> ids) {
        long number = count(false);
        if (ids.isEmpty()) {
            changes.announce(number, List.of(Changes.EVERYTHING));
        } else {
            announce(number, ids);
        }
    }
}
