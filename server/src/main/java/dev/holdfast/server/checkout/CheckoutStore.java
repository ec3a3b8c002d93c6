package dev.holdfast.server.checkout;

import dev.holdfast.server.api.Caller;
import dev.holdfast.server.api.Json;
import dev.holdfast.server.api.Money;
import dev.holdfast.server.audit.Audit;
import dev.holdfast.server.cart.Carts;
import dev.holdfast.server.checkout.Checkout.Action;
import dev.holdfast.server.checkout.Checkout.CartAt;
import dev.holdfast.server.checkout.Checkout.Item;
import dev.holdfast.server.sql.Together;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Checkouts in the database: each call is one statement, and new ones that come at the same time are one transaction. Times at which
 * something is due are the database's.
 */
@Component
class CheckoutStore implements Carts.Sales {
    /** Checkouts that are written in one go: a few milliseconds. */
    static final int AT_ONCE_MAX = 64;

    private static final String COLUMNS = """
            id, version, state, ends_as, reason, request_hash, placed_at, hold_id, hold_until, held_again, cart_id, cart_version,
            amount_minor, currency, method, buyer, channel, reference, lines, action_url, client_secret, tries""";

    private static final String INSERT = "INSERT INTO checkout (" + COLUMNS + ", due_at)" + """
             VALUES (?, 1, 'PENDING', NULL, NULL, ?, ?, ?, ?, false, ?, ?, ?, ?, ?, ?, ?, ?, ?::json, NULL, NULL, 0,
                     clock_timestamp() + ? * interval '1 millisecond')
             ON CONFLICT DO NOTHING
            """;

    private static final String FIND_OF_CART = "SELECT " + COLUMNS + """
             FROM checkout
            WHERE id = ? OR cart_id = ? AND state NOT IN ('DECLINED', 'CANCELLED', 'EXPIRED', 'REFUNDED')
            ORDER BY id <> ? LIMIT 1
            """;

    private static final String FIND_OF_HOLD = "SELECT " + COLUMNS + """
             FROM checkout
            WHERE id = ? OR hold_id = ? AND state NOT IN ('DECLINED', 'CANCELLED', 'EXPIRED', 'REFUNDED')
            ORDER BY id <> ? LIMIT 1
            """;

    /** What came of it; an end forgets what the buyer pays with. */
    private static final String UPDATE = """
            UPDATE checkout
            SET version = ?, state = ?, ends_as = ?, reason = ?, hold_id = ?, hold_until = ?, held_again = ?, action_url = ?, client_secret = ?,
                due_at = clock_timestamp() + ? * interval '1 millisecond'
            WHERE id = ? AND version = ? AND due_at IS NOT NULL
            """;

    private static final String END = """
            UPDATE checkout
            SET version = version + 1, state = ?, ends_as = NULL, reason = ?, method = '', action_url = NULL, client_secret = NULL,
                due_at = NULL
            WHERE id = ? AND due_at IS NOT NULL
            """;

    /** Not of what is being refunded: whoever has found it paid before is too late. */
    private static final String COMPLETE = END + " AND ends_as IS DISTINCT FROM 'REFUNDED'";

    /** Whoever takes some leaves the others to others. */
    private static final String TAKE_UP = """
            UPDATE checkout
            SET version = version + 1, tries = tries + 1, due_at = clock_timestamp() + ? * interval '1 millisecond'
            WHERE id IN (SELECT id FROM checkout WHERE due_at <= clock_timestamp() ORDER BY due_at LIMIT ? FOR UPDATE SKIP LOCKED)
            RETURNING\s""" + COLUMNS;

    /** @param caller null if nobody says who he is */
    private record NewRow(
            Checkout checkout, Duration dueIn, @Nullable Caller caller) {
        /** Whoever inserts the same waits for the end of the other's transaction: another tab with this cart, or the same request. */
        UUID waitsFor() {
            CartAt cart = checkout.cart();
            return cart == null ? checkout.id() : cart.id();
        }

        @Nullable
        Object[] values() {
            CartAt cart = checkout.cart();
            return new @Nullable Object[] {
                checkout.id(),
                checkout.requestHash(),
                at(checkout.placedAt()),
                checkout.holdId(),
                at(checkout.holdUntil()),
                cart == null ? null : cart.id(),
                cart == null ? null : cart.version(),
                checkout.amount().amountMinor(),
                checkout.amount().currency(),
                checkout.method(),
                checkout.buyer(),
                checkout.channel(),
                checkout.reference(),
                new String(Json.write(checkout.lines()), StandardCharsets.UTF_8),
                dueIn.toMillis()
            };
        }
    }

    private final JdbcTemplate database;
    private final TransactionTemplate transaction;
    private final Audit audit;
    private final Together<NewRow, Boolean> inserts =
            new Together<>(AT_ONCE_MAX, Comparator.comparing(NewRow::waitsFor), this::insertAll);

    CheckoutStore(JdbcTemplate database, TransactionTemplate transaction, Audit audit) {
        this.database = database;
        this.transaction = transaction;
        this.audit = audit;
    }

    /**
     * False if there is one of this id, of this cart, or with this cart's hold.
     *
     * @param caller null if nobody says who he is
     */
    boolean insert(Checkout checkout, Duration dueIn, @Nullable Caller caller) {
        return inserts.ask(new NewRow(checkout, dueIn, caller));
    }

    private List<Boolean> insertAll(List<NewRow> rows) {
        return transaction.execute(_ -> {
            waitBriefly();
            List<Boolean> isNew = changed(database.batchUpdate(
                    INSERT, rows.stream().map(NewRow::values).toList()));
            for (int i = 0; i < rows.size(); i++) {
                Caller caller = rows.get(i).caller;
                if (isNew.get(i) && caller != null) {
                    record(caller, rows.get(i).checkout);
                }
            }
            return isNew;
        });
    }

    private void record(Caller caller, Checkout checkout) {
        Map<String, @Nullable Object> after = new LinkedHashMap<>();
        after.put("state", checkout.state().name());
        after.put("buyer", checkout.buyer());
        after.put("total", checkout.amount());
        if (checkout.cart() != null) {
            after.put("cartId", checkout.cart().id());
        }
        checkout.lines().forEach(item -> after.put("lines[" + item.stock() + "].quantity", item.quantity()));
        var begun = new Audit.Change("begin", "checkout/" + checkout.id(), Map.of(), after);
        audit.record(caller, checkout.placedAt(), List.of(begun));
    }

    /** In the caller's transaction, which is that of many: a row that a stopped server has locked is not to stop them all. */
    void waitBriefly() {
        database.execute("SET LOCAL lock_timeout = '1s'");
    }

    Optional<Checkout> find(UUID id) {
        return database.query("SELECT " + COLUMNS + " FROM checkout WHERE id = ?", CheckoutStore::checkout, id).stream()
                .findAny();
    }

    /** The one of this id; else the one that is under way with this cart, or has bought it. */
    Optional<Checkout> find(UUID id, UUID cartId) {
        return database.query(FIND_OF_CART, CheckoutStore::checkout, id, cartId, id).stream()
                .findAny();
    }

    /** The one of this id; else the one that is under way with this hold, or has bought it. */
    Optional<Checkout> findOfHold(UUID id, UUID holdId) {
        return database.query(FIND_OF_HOLD, CheckoutStore::checkout, id, holdId, id).stream()
                .findAny();
    }

    @Override
    public boolean isSold(UUID cartId) {
        return !database.queryForList("SELECT FROM checkout WHERE cart_id = ? AND state = 'COMPLETED'", cartId)
                .isEmpty();
    }

    /** A next version, which has not ended. False if it has, or if somebody else has written this version. */
    boolean update(Checkout next, Duration dueIn) {
        Action action = next.action();
        return database.update(
                        UPDATE,
                        next.version(),
                        next.state().name(),
                        next.endsAs() == null ? null : next.endsAs().name(),
                        next.reason(),
                        next.holdId(),
                        at(next.holdUntil()),
                        next.heldAgain(),
                        action == null ? null : action.url(),
                        action == null ? null : action.clientSecret(),
                        dueIn.toMillis(),
                        next.id(),
                        next.version() - 1)
                > 0;
    }

    /** There is one end that it can come to. False if it has come to it before. */
    boolean end(UUID id, State end, @Nullable String reason) {
        return database.update(END, end.name(), reason, id) > 0;
    }

    /** Which of them have come to their end, COMPLETED, just now. In the caller's transaction. */
    List<Boolean> completeAll(List<Checkout> checkouts) {
        return changed(database.batchUpdate(
                COMPLETE,
                checkouts.stream()
                        .map(checkout -> new @Nullable Object[] {State.COMPLETED.name(), null, checkout.id()})
                        .toList()));
    }

    private static List<Boolean> changed(int[] rows) {
        return Arrays.stream(rows).mapToObj(count -> count > 0).toList();
    }

    /** Those that are due, the longest first; they are due again after that. */
    List<Checkout> takeUp(int limit, Duration dueIn) {
        return database.query(TAKE_UP, CheckoutStore::checkout, dueIn.toMillis(), limit);
    }

    /** Somebody has to look at it, unless it has ended. */
    void makeDue(UUID id) {
        database.update(
                "UPDATE checkout SET version = version + 1, due_at = least(due_at, clock_timestamp()) WHERE id = ? AND due_at IS NOT NULL",
                id);
    }

    private static Checkout checkout(ResultSet row, int number) throws SQLException {
        String end = row.getString("ends_as");
        String url = row.getString("action_url");
        String secret = row.getString("client_secret");
        UUID cart = row.getObject("cart_id", UUID.class);
        return new Checkout(
                row.getObject("id", UUID.class),
                row.getLong("version"),
                State.valueOf(row.getString("state")),
                end == null ? null : State.valueOf(end),
                row.getString("reason"),
                row.getLong("request_hash"),
                instant(row, "placed_at"),
                row.getObject("hold_id", UUID.class),
                instant(row, "hold_until"),
                row.getBoolean("held_again"),
                cart == null ? null : new CartAt(cart, row.getLong("cart_version")),
                new Money(row.getLong("amount_minor"), row.getString("currency")),
                row.getString("method"),
                row.getString("buyer"),
                row.getString("channel"),
                row.getString("reference"),
                List.of(Json.read(row.getString("lines").getBytes(StandardCharsets.UTF_8), Item[].class)),
                url == null && secret == null ? null : new Action(url, secret),
                row.getInt("tries"));
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static OffsetDateTime at(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
