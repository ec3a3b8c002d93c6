package dev.holdfast.server.cache;

import dev.holdfast.server.cache.Loads.Wanted;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

final class LoadsTest {
    private static final int READERS_MAX = 4;
    private static final int ALL = 1_000;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore begun = new Semaphore(0);
    private final Semaphore door = new Semaphore(0);
    private final List<List<Integer>> batches = new CopyOnWriteArrayList<>();
    private final Loads<Integer, Integer> loads = new Loads<>(10, threads, this::read);

    private void read(List<Wanted<Integer, Integer>> batch) {
        batches.add(batch.stream().map(Wanted::key).toList());
        begun.release();
        try {
            door.acquire();
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts a read", e);
        }
        batch.forEach(wanted -> wanted.answer().complete(wanted.key()));
    }

    @AfterEach
    void close() {
        door.release(ALL);
        threads.close();
    }

    @Test
    void whatIsWantedWhileOthersAreReadIsReadTogetherAndWhatIsMissingFirst() throws Exception {
        var answers = new ArrayList<CompletableFuture<Integer>>();
        for (int key = 0; key < READERS_MAX; key++) {
            answers.add(loads.missing(key));
            assertThat(begun.tryAcquire(10, TimeUnit.SECONDS)).isTrue(); // or one would read several
        }

        IntStream.range(100, 115).forEach(key -> answers.add(loads.refresh(key)));
        IntStream.range(200, 225).forEach(key -> answers.add(loads.missing(key)));
        assertThat(batches).hasSize(READERS_MAX); // no more at once
        for (int i = 0; i < 5; i++) { // one by one, or their order here would not be that in which they were taken
            door.release();
            assertThat(begun.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(batches.subList(READERS_MAX, batches.size()))
                .containsExactly(keys(200, 210), keys(210, 220), keys(220, 225), keys(100, 110), keys(110, 115));

        door.release(ALL);
        for (var answer : answers) {
            answer.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void severalAtOnceAreReadAtOnce() {
        door.release(ALL);
        var wanted = loads.missing(keys(0, 10));
        assertThat(wanted.stream().map(one -> one.answer().join())).isEqualTo(keys(0, 10));
        assertThat(batches).containsExactly(keys(0, 10));
    }

    private static List<Integer> keys(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }
}
