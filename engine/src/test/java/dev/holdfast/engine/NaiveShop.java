package dev.holdfast.engine;

import dev.holdfast.engine.redis.TestRedis;
import io.lettuce.core.SetArgs;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * One unit of one stock, sold as it is often done: lock in Redis, read, check, write the new number, commit. What protects the write is
 * chosen by the test; {@link Fence#NONE} is what the traps need.
 */
final class NaiveShop implements AutoCloseable {
    static final String LOCK = "naive-lock";
    private static final String TOKEN = "naive-token";

    enum Fence {
        /** The lock is trusted. */
        NONE("UPDATE naive SET held = ?"),
        /** The version that was read must still be there: what the engine does. */
        VERSION("UPDATE naive SET held = ?, version = version + 1 WHERE version = ?"),
        /** A number of Redis must not be smaller than the last one that wrote. */
        REDIS_NUMBER("UPDATE naive SET held = ?, token = ? WHERE token <= ?");

        private final String update;

        Fence(String update) {
            this.update = update;
        }
    }

    private final TestRedis redis;
    private final Connection connection;
    private final Fence fence;
    private final String owner;
    private long token;
    private long heldRead;
    private long versionRead;

    NaiveShop(TestRedis redis, Connection connection, Fence fence, String owner) throws SQLException {
        this.redis = redis;
        this.connection = connection;
        this.fence = fence;
        this.owner = owner;
        connection.setAutoCommit(false);
    }

    static void create(TestDatabase database) {
        database.execute(
                "DROP TABLE IF EXISTS naive",
                "CREATE TABLE naive (on_hand bigint, held bigint, version bigint, token bigint)",
                "INSERT INTO naive VALUES (1, 0, 0, 0)");
    }

    boolean lock(long expiryMillis) {
        if (redis.commands().set(LOCK, owner, SetArgs.Builder.nx().px(expiryMillis)) == null) {
            return false;
        }
        token = redis.commands().incr(TOKEN);
        return true;
    }

    /** Whether there is a unit left. */
    boolean read() throws SQLException {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery("SELECT on_hand, held, version FROM naive")) {
            row.next();
            heldRead = row.getLong(2);
            versionRead = row.getLong(3);
            return row.getLong(1) > heldRead;
        }
    }

    /** Sells the unit that was read; false if the database refused. */
    boolean write() throws SQLException {
        try (var update = connection.prepareStatement(fence.update)) {
            update.setLong(1, heldRead + 1);
            switch (fence) {
                case NONE -> {}
                case VERSION -> update.setLong(2, versionRead);
                case REDIS_NUMBER -> {
                    update.setLong(2, token);
                    update.setLong(3, token);
                }
            }
            return update.executeUpdate() == 1;
        }
    }

    void commit() throws SQLException {
        connection.commit();
    }

    /** Whoever's it is. */
    void unlock() {
        redis.commands().del(LOCK);
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
