package dev.holdfast.engine;

/**
 * The lane's statements. They name tables without a schema and join nothing across shards. Arrays come in and are unnested: one
 * statement for a whole batch. {@code table[first:last]} cuts a row's part out of one flat array.
 *
 * <p>Plans are made once and kept, so none may depend on how large a table was then: a join that could be turned round ran 15
 * times slower for as long as the statistics said "one row". Rows to update are addressed by {@code ctid}, which nobody can
 * change while the stock is locked ({@code (id = …) IS TRUE} checks it without offering another way to find the row); rows to read are
 * found in a LATERAL subquery with LIMIT, which is always looked up by its key.
 */
final class Sql {
    /**
     * Nothing waits for ever: 5 s for a lock are 500 batches of 10 ms of another node; 10 s for a statement leave room for 1,000,000
     * holds that expire at once.
     */
    static final String SESSION = """
            SET lock_timeout = '5s';
            SET statement_timeout = '10s';
            SET idle_in_transaction_session_timeout = '30s';
            SET jit = off;
            SET enable_seqscan = off; -- everything here is looked up by key; a plan made on an empty table must not scan later
            SET plan_cache_mode = force_generic_plan; -- planning would cost more than running
            SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
            """;

    static final String RESET = """
            RESET lock_timeout; RESET statement_timeout; RESET idle_in_transaction_session_timeout; RESET jit;
            RESET enable_seqscan; RESET plan_cache_mode; RESET synchronous_commit
            """;

    static final String IDENTIFY = """
            SELECT l.id, k.sku, k.location
            FROM unnest(?::text[], ?::text[]) k(sku, location)
            CROSS JOIN LATERAL (
                SELECT id FROM stock_level l WHERE l.sku = k.sku AND l.location = k.location LIMIT 1) l
            """;

    static final String CREATE = """
            INSERT INTO stock_level (sku, location)
            SELECT sku, location FROM unnest(?::text[], ?::text[]) k(sku, location)
            ORDER BY sku, location -- two nodes that create the same stocks must not wait for each other in a circle
            ON CONFLICT DO NOTHING
            """;

    static final String FORGET = "DELETE FROM stock_level WHERE id = ANY (?) AND version = 0";

    static final String NAMES = "SELECT id, sku, location FROM stock_level WHERE id = ANY (?)";

    static final String LEVEL_COLUMNS =
            "id, sku, location, on_hand, held, allocated, safety_stock, backorder_limit, shortfall, version, buffers, ctid::text";

    /** Every writer locks in the order of ids: no deadlock. A hold is guarded by the locks of its stocks. */
    static final String READ = "SELECT " + LEVEL_COLUMNS + """
             FROM stock_level
            WHERE id = ANY (?)
            ORDER BY id
            """;

    private static final String FOR_UPDATE = "FOR NO KEY UPDATE";
    static final String LOCK = READ + FOR_UPDATE;

    static final String READ_WITH_HOLDS = "SELECT " + LEVEL_COLUMNS + """
             FROM stock_level
            WHERE id = ANY (?::bigint[] || coalesce(
                (SELECT array_agg(stock_id) FROM hold_line WHERE hold_id = ANY (?)), '{}'::bigint[]))
            ORDER BY id
            """;

    static final String LOCK_WITH_HOLDS = READ_WITH_HOLDS + FOR_UPDATE;

    /** The clock is read after the locks were taken, so that time never runs backwards within one stock's ledger. */
    static final String READ_CLOCK_AND_HOLDS = """
            SELECT clock_timestamp(), h.id, h.state, h.lines, h.placed_at, h.expires_at, h.channel, h.reference,
                   h.request_hash, h.parts, h.ctid::text
            FROM (VALUES (1)) one LEFT JOIN hold h ON h.id = ANY (?)
            """;

    static final String READ_ENTRIES = """
            SELECT id, request_hash, at, movements, expires_at, parts FROM idempotency_entry WHERE id = ANY (?)
            """;

    static final String LOAD = LOCK + ";" + READ_CLOCK_AND_HOLDS + ";" + READ_ENTRIES;
    static final String LOAD_WITH_HOLDS = LOCK_WITH_HOLDS + ";" + READ_CLOCK_AND_HOLDS + ";" + READ_ENTRIES;

    /** The movements of a ledger row {@code g}: its own, and those it has more of. */
    static final String MOVEMENTS_OF_ROW = """
            (SELECT g.version, g.kind, g.cause, g.on_hand, g.held, g.allocated, g.shortfall, g.note
             UNION ALL
             SELECT g.version + u.n, u.kind, u.cause, u.on_hand, u.held, u.allocated, u.shortfall, u.note
             FROM unnest(g.more_kinds, g.more_causes, g.more_on_hand, g.more_held, g.more_allocated, g.more_shortfall,
                         g.more_notes)
                 WITH ORDINALITY u(kind, cause, on_hand, held, allocated, shortfall, note, n))
            """;

    static final String MOVEMENT_COLUMNS = """
            g.stock_id, m.version, m.kind, coalesce(m.on_hand, 0), coalesce(m.held, 0), coalesce(m.allocated, 0),
            coalesce(m.shortfall, 0), m.cause, m.note, g.at, l.sku, l.location
            """;

    static final String TIME_IF_UNUSED = """
            SELECT clock_timestamp()
            WHERE NOT EXISTS (SELECT FROM hold WHERE id = ?::uuid)
              AND NOT EXISTS (SELECT FROM idempotency_entry WHERE id = ?::uuid);COMMIT
            """;

    /**
     * For the gate: the clock is read after the statement's snapshot was taken, and keys later than versions, so that whatever has
     * led to a version is known by its key.
     */
    static final String LOOK = """
            SELECT id, version, clock_timestamp() FROM stock_level WHERE id = ANY (?);
            SELECT id FROM hold WHERE id = ANY (?) UNION ALL SELECT id FROM idempotency_entry WHERE id = ANY (?);
            COMMIT
            """;

    static final String LOAD_UNLOCKED = READ + ";" + READ_CLOCK_AND_HOLDS + ";" + READ_ENTRIES;
    static final String LOAD_WITH_HOLDS_UNLOCKED = READ_WITH_HOLDS + ";" + READ_CLOCK_AND_HOLDS + ";" + READ_ENTRIES;

    static final String READ_MOVEMENTS = "SELECT " + MOVEMENT_COLUMNS + """
            FROM unnest(?::bigint[], ?::bigint[]) k(stock_id, version)
            CROSS JOIN LATERAL (
                SELECT * FROM ledger g WHERE g.stock_id = k.stock_id AND g.version <= k.version
                ORDER BY g.version DESC LIMIT 1) g
            CROSS JOIN LATERAL
            """ + MOVEMENTS_OF_ROW + """
            m
            CROSS JOIN LATERAL (SELECT * FROM stock_level l WHERE l.id = k.stock_id LIMIT 1) l
            WHERE m.version = k.version
            """;

    static final String DUE_HOLDS = """
            SELECT DISTINCT h.id
            FROM hold_deadline d
            CROSS JOIN LATERAL unnest(d.hold_ids) u(id)
            CROSS JOIN LATERAL (
                SELECT id FROM hold WHERE id = u.id AND state = 0 AND expires_at <= ?::timestamptz LIMIT 1) h
            WHERE d.stock_id = ANY (?) AND d.due_at <= ?::timestamptz
            LIMIT ?
            """;

    /** Looks at the first 16 deadlines only: 16 × 100 holds are about 2 ms; the answer is a hint for the refused. */
    static final String NEXT_RELEASES = """
            SELECT s.id, n.at
            FROM unnest(?::bigint[]) s(id) CROSS JOIN LATERAL (
                SELECT g.at
                FROM (SELECT * FROM hold_deadline
                      WHERE stock_id = s.id AND due_at > ?::timestamptz ORDER BY due_at LIMIT 16) d
                CROSS JOIN LATERAL (
                    SELECT min(h.expires_at) AS at FROM hold h
                    WHERE h.id = ANY (d.hold_ids) AND h.state = 0 AND h.expires_at = d.due_at) g
                WHERE g.at IS NOT NULL
                ORDER BY d.due_at LIMIT 1) n
            """;

    /** Writes over the version that was read and over no other: 1 / 0 sends the batch round again. */
    static final String UPDATE_LEVELS = """
            WITH written AS (
            UPDATE stock_level s
            SET on_hand = u.on_hand, held = u.held, allocated = u.allocated, safety_stock = u.safety_stock,
                backorder_limit = u.backorder_limit, shortfall = u.shortfall, version = u.version, buffers = u.buffers
            FROM unnest(?::text[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[],
                        ?::bigint[], ?::bigint[], ?::text[])
                u(address, id, on_hand, held, allocated, safety_stock, backorder_limit, shortfall, version, version_before,
                  buffers)
            WHERE s.ctid = u.address::tid AND (s.id = u.id AND s.version = u.version_before) IS TRUE
            RETURNING s.id, s.ctid::text AS address)
            SELECT 1 / (count(*) = ?::bigint)::int, array_agg(id), array_agg(address) FROM written
            """;

    static final String INSERT_MOVEMENTS = """
            INSERT INTO ledger (stock_id, version, kind, at, cause, on_hand, held, allocated, shortfall, note, more_kinds,
                more_causes, more_on_hand, more_held, more_allocated, more_shortfall, more_notes)
            SELECT u.stock_id, u.version, u.kind, n.at, u.cause, nullif(u.on_hand, 0), nullif(u.held, 0),
                   nullif(u.allocated, 0), nullif(u.shortfall, 0), u.note,
                   nullif(n.kinds[u.first:u.last], '{}'), nullif(n.causes[u.first:u.last], '{}'),
                   nullif(n.on_hand[u.first:u.last], '{}'), nullif(n.held[u.first:u.last], '{}'),
                   nullif(n.allocated[u.first:u.last], '{}'), nullif(n.shortfall[u.first:u.last], '{}'),
                   nullif(n.notes[u.first:u.last], '{}')
            FROM (SELECT ?::timestamptz, ?::smallint[], ?::uuid[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[],
                         ?::text[])
                n(at, kinds, causes, on_hand, held, allocated, shortfall, notes),
                 unnest(?::bigint[], ?::bigint[], ?::int[], ?::int[], ?::smallint[], ?::uuid[], ?::bigint[], ?::bigint[],
                        ?::bigint[], ?::bigint[], ?::text[])
                u(stock_id, version, first, last, kind, cause, on_hand, held, allocated, shortfall, note)
            """;

    static final String INSERT_HOLDS = """
            INSERT INTO hold (id, state, placed_at, expires_at, request_hash, lines, parts, channel, reference)
            SELECT u.id, u.state, n.at, 'epoch'::timestamptz + u.expires_us * interval '1 microsecond', u.request_hash,
                   n.lines[u.first:u.last], nullif(n.parts[u.parts_first:u.parts_last], '{}'), u.channel, u.reference
            FROM (SELECT ?::timestamptz, ?::bigint[], ?::bigint[]) n(at, lines, parts),
                 unnest(?::uuid[], ?::smallint[], ?::bigint[], ?::bigint[], ?::int[], ?::int[], ?::int[], ?::int[],
                        ?::text[], ?::text[])
                u(id, state, expires_us, request_hash, first, last, parts_first, parts_last, channel, reference)
            """;

    /** Nothing locks a hold but its stocks: one that is not as it was read sends the batch round again. */
    static final String UPDATE_HOLDS = """
            WITH written AS (
            UPDATE hold h
            SET state = u.state, expires_at = 'epoch'::timestamptz + u.expires_us * interval '1 microsecond',
                parts = nullif(n.parts[u.parts_first:u.parts_last], '{}')
            FROM (SELECT ?::bigint[], ?::bigint[]) n(parts, parts_before),
                 unnest(?::text[], ?::uuid[], ?::smallint[], ?::bigint[], ?::smallint[], ?::bigint[], ?::int[], ?::int[],
                        ?::int[], ?::int[])
                u(address, id, state, expires_us, state_before, expires_us_before, parts_first, parts_last,
                  parts_before_first, parts_before_last)
            WHERE h.ctid = u.address::tid AND (h.id = u.id AND h.state = u.state_before
                AND h.expires_at = 'epoch'::timestamptz + u.expires_us_before * interval '1 microsecond'
                AND h.parts IS NOT DISTINCT FROM
                    nullif(n.parts_before[u.parts_before_first:u.parts_before_last], '{}')) IS TRUE
            RETURNING 1)
            SELECT 1 / (count(*) = ?::bigint)::int FROM written
            """;

    static final String INSERT_DEADLINES = """
            INSERT INTO hold_deadline (stock_id, due_at, hold_ids)
            SELECT u.stock_id, 'epoch'::timestamptz + u.due_us * interval '1 microsecond', n.ids[u.first:u.last]
            FROM (SELECT ?::uuid[]) n(ids),
                 unnest(?::bigint[], ?::bigint[], ?::int[], ?::int[]) u(stock_id, due_us, first, last)
            """;

    static final String INSERT_ENTRIES = """
            INSERT INTO idempotency_entry (id, request_hash, at, movements, expires_at, parts)
            SELECT u.id, u.request_hash, n.at, n.movements[u.first:u.last],
                   'epoch'::timestamptz + nullif(u.expires_us, 0) * interval '1 microsecond',
                   nullif(n.parts[u.parts_first:u.parts_last], '{}')
            FROM (SELECT ?::timestamptz, ?::bigint[], ?::bigint[]) n(at, movements, parts),
                 unnest(?::uuid[], ?::bigint[], ?::int[], ?::int[], ?::bigint[], ?::int[], ?::int[])
                u(id, request_hash, first, last, expires_us, parts_first, parts_last)
            """;

    static final String INSERT_AUDIT = """
            INSERT INTO stock_audit (id, at, actor, action, subject, before, after, reason, trace_id)
            SELECT u.id, n.at, u.actor, u.action, u.subject, u.before::json, u.after::json, u.reason, u.trace_id
            FROM (SELECT ?::timestamptz) n(at),
                 unnest(?::uuid[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[])
                 u(id, actor, action, subject, before, after, reason, trace_id)
            """;

    private Sql() {}
}
