package dev.holdfast.bench;

import io.lettuce.core.KeyScanArgs;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScanIterator;

/** What a run leaves in Redis: keys that name its schema, removed at the end. */
record RedisKeys(String redisUrl, String schema) implements AutoCloseable {
    private static final int PAGE = 1_000;

    @Override
    public void close() {
        if (redisUrl.isEmpty()) {
            return;
        }
        for (String node : redisUrl.split(",", -1)) {
            remove(node);
        }
    }

    private void remove(String node) {
        try (var client = RedisClient.create(RedisURI.create(node));
                var connection = client.connect()) {
            var commands = connection.sync();
            var keys = ScanIterator.scan(
                    commands, KeyScanArgs.Builder.matches("*" + schema + "*").limit(PAGE));
            while (keys.hasNext()) {
                commands.unlink(keys.next());
            }
        }
    }
}
