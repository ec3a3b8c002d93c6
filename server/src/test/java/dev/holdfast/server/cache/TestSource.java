package dev.holdfast.server.cache;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** What a database would say, with a door that can be kept shut between its look and its answer. */
final class TestSource implements Source<String, String> {
    /** Between the look of the next read and its answer. */
    static final class Door {
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch open = new CountDownLatch(1);

        /** Until the read has looked. */
        void awaitReader() throws InterruptedException {
            reached.await();
        }

        /** Lets it answer what it saw. */
        void open() {
            open.countDown();
        }

        private void pass() {
            reached.countDown();
            try {
                open.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException("nobody interrupts a read", e);
            }
        }
    }

    static final int AT_ONCE_MAX = 10;

    final Map<String, String> rows = new ConcurrentHashMap<>();
    final List<String> reads = new CopyOnWriteArrayList<>();
    private final AtomicReference<@Nullable Door> next = new AtomicReference<>();

    Door shut() {
        var door = new Door();
        next.set(door);
        return door;
    }

    @Override
    public String name(String key) {
        return key;
    }

    @Override
    public String key(String name) {
        if (name.isBlank()) {
            throw new IllegalArgumentException("must not be blank");
        }
        return name;
    }

    @Override
    public int atOnceMax() {
        return AT_ONCE_MAX;
    }

    @Override
    public Map<String, String> read(Collection<String> keys) {
        reads.addAll(keys);
        var values = new HashMap<>(rows);
        values.keySet().retainAll(keys);
        var door = next.getAndSet(null);
        if (door != null) {
            door.pass();
        }
        if (values.containsValue("broken")) {
            throw new IllegalStateException("the database is away");
        }
        return values;
    }

    @Override
    public int memoryBytes(String value, byte[] json) {
        return 3 * json.length;
    }

    @Override
    public byte[] write(String value) {
        return ("\"" + value + "\"").getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String parse(byte[] json) {
        var text = new String(json, StandardCharsets.UTF_8);
        return text.substring(1, text.length() - 1);
    }

    @Override
    public void forgetEverywhere(@Nullable String key) {
        throw new UnsupportedOperationException();
    }
}
