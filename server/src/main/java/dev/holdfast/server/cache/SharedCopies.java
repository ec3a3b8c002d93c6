package dev.holdfast.server.cache;

import dev.holdfast.server.redis.RedisLink;
import io.lettuce.core.KeyValue;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.ScriptOutputType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A cache's copies in Redis: a hash for each key, with the version, the time it was read, the JSON and a checksum. A newer version is
 * never replaced by an older one, and a key that was changed keeps a tombstone with the version of that change, so that who read
 * before it cannot store after it.
 *
 * <p>Redis may forget, lie or be silent: a copy that is not whole or not of this key is none, and silence costs 0.1 s at most.
 */
final class SharedCopies {
    /** A larger one is dearer to fetch than to read again. */
    private static final int JSON_MAX = 256 * 1024;

    /** As long as somebody may still store what he read before: many times the longest statement. */
    private static final Duration TOMBSTONE_TTL = Duration.ofMinutes(2);

    private static final String STORE = """
            local known = tonumber(redis.call('HGET', KEYS[1], 'version'))
            if known and known > tonumber(ARGV[1]) then return 0 end
            redis.call('HSET', KEYS[1], 'version', ARGV[1], 'read', ARGV[2], 'json', ARGV[3], 'sum', ARGV[4])
            redis.call('PEXPIRE', KEYS[1], ARGV[5])
            return 1
            """;

    private static final String FORGET = """
            local known = tonumber(redis.call('HGET', KEYS[1], 'version'))
            if known and known >= tonumber(ARGV[1]) then return 0 end
            redis.call('DEL', KEYS[1])
            redis.call('HSET', KEYS[1], 'version', ARGV[1])
            redis.call('PEXPIRE', KEYS[1], ARGV[2])
            return 1
            """;

    private static final byte[][] FIELDS = {bytes("version"), bytes("read"), bytes("json"), bytes("sum")};

    /** @param json as it was written by the {@link Source} of some node */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    record Copy(long version, Instant readAt, byte[] json) {}

    private final RedisLink redis;
    private final String prefix;

    /** @param prefix of its keys, which no other cache and no other database has */
    SharedCopies(RedisLink redis, String prefix) {
        this.redis = redis;
        this.prefix = prefix;
    }

    /** Of these names those there are, by name; none if there is no answer. One round trip, and one wait. */
    Map<String, Copy> get(List<String> names) {
        if (names.isEmpty()) {
            return Map.of();
        }
        return redis.ask(commands -> all(names.stream()
                        .map(name -> commands.hmget(key(name), FIELDS))
                        .toList()))
                .map(answers -> copies(names, answers))
                .orElse(Map.of());
    }

    private static CompletableFuture<List<List<KeyValue<byte[], byte[]>>>> all(
            List<RedisFuture<List<KeyValue<byte[], byte[]>>>> answers) {
        var each = answers.stream()
                .map(answer -> answer.toCompletableFuture().exceptionally(SharedCopies::noCopy))
                .toList();
        return CompletableFuture.allOf(each.toArray(CompletableFuture[]::new))
                .thenApply(_ -> each.stream().map(CompletableFuture::join).toList());
    }

    /** Something else has this key; the others are what they are. */
    private static List<KeyValue<byte[], byte[]>> noCopy(Throwable e) {
        if (e instanceof RedisCommandExecutionException) {
            return List.of();
        }
        throw new CompletionException(e);
    }

    private Map<String, Copy> copies(List<String> names, List<List<KeyValue<byte[], byte[]>>> answers) {
        var copies = new HashMap<String, Copy>();
        for (int i = 0; i < names.size(); i++) {
            var copy = copy(key(names.get(i)), answers.get(i));
            if (copy != null) {
                copies.put(names.get(i), copy);
            }
        }
        return copies;
    }

    private static @Nullable Copy copy(byte[] key, List<KeyValue<byte[], byte[]>> fields) {
        if (fields.size() < FIELDS.length || !fields.stream().allMatch(KeyValue::hasValue)) {
            return null; // or a tombstone
        }
        try {
            var copy = new Copy(
                    number(fields.get(0).getValue()),
                    Instant.ofEpochMilli(number(fields.get(1).getValue())),
                    fields.get(2).getValue());
            return number(fields.get(3).getValue()) == checksum(key, copy) ? copy : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** Without waiting for it. */
    void put(String name, Copy copy, Duration ttl) {
        if (copy.json.length <= JSON_MAX && ttl.isPositive()) {
            byte[] key = key(name);
            run(
                    STORE,
                    key,
                    bytes(copy.version),
                    bytes(copy.readAt.toEpochMilli()),
                    copy.json,
                    bytes(checksum(key, copy)),
                    bytes(ttl.toMillis()));
        }
    }

    /** Without waiting for it. */
    void forget(String name, long version) {
        run(FORGET, key(name), bytes(version), bytes(TOMBSTONE_TTL.toMillis()));
    }

    private void run(String script, byte[] key, byte[]... arguments) {
        redis.send(commands -> commands.<Long>eval(script, ScriptOutputType.INTEGER, new byte[][] {key}, arguments));
    }

    private static long checksum(byte[] key, Copy copy) {
        var checksum = new CRC32C();
        checksum.update(key);
        checksum.update(ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(copy.version)
                .putLong(copy.readAt.toEpochMilli())
                .array());
        checksum.update(copy.json);
        return checksum.getValue();
    }

    private byte[] key(String name) {
        return bytes(prefix + name);
    }

    private static long number(byte[] digits) {
        return Long.parseLong(new String(digits, StandardCharsets.UTF_8));
    }

    private static byte[] bytes(long number) {
        return bytes(Long.toString(number));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
