package dev.holdfast.engine;

import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What was there before a migration is the same after it. */
class SchemaTest {
    private final TestDatabase database = TestDatabase.createEmpty();

    @Test
    void whatWasShippedStaysShipped() {
        Flyway.configure()
                .dataSource(database.dataSource())
                .locations("classpath:dev/holdfast/engine/migration")
                .table("holdfast_schema_history")
                .target("1")
                .load()
                .migrate();
        database.execute("""
                INSERT INTO stock_level (sku, location, on_hand, allocated, version)
                VALUES ('A', 'main', 9, 3, 2), ('B', 'main', 9, 0, 2)
                """, """
                INSERT INTO hold (id, state, placed_at, expires_at, request_hash, lines, shipped)
                SELECT lpad(to_hex(n), 32, '0')::uuid, 1, now(), now(), 0, lines, shipped
                FROM (VALUES (1, '{1,2,2,1}'::bigint[], '{1,1}'::bigint[]), (2, '{1,2}', NULL)) h(n, lines, shipped)
                """);
        Schema.migrate(database.dataSource());
        assertThat(database.rows("SELECT parts FROM hold ORDER BY id")).containsExactly("{2,0,0,1,1,0,0,1}", "null");
        assertThat(database.rows("SELECT confirmed - shipped, held FROM hold_line ORDER BY hold_id, stock_id"))
                .containsExactly("1,0", "0,0", "2,0");
    }
}
