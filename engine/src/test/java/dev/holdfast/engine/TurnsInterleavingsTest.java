package dev.holdfast.engine;

import dev.holdfast.engine.Command.ExpireHold;
import dev.holdfast.engine.Decision.HoldRow;
import dev.holdfast.engine.Interleavings.Step;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static dev.holdfast.engine.Interleavings.check;
import static dev.holdfast.engine.Interleavings.require;
import static dev.holdfast.engine.Interleavings.together;

/** How a lane's workers take turns, in many orders of their steps. */
@Tag("interleavings")
class TurnsInterleavingsTest {
    private static final int TRIES =
            50; // each try takes 10 to 50 ms: every step of every class in it is a place to switch threads
    private static final UUID A = new UUID(0, 1);
    private static final UUID B = new UUID(0, 2);

    @Test
    void one_worker_has_the_turn_at_a_time() {
        check(TRIES, () -> {
            var turns = new Turns();
            var inTurn = new AtomicInteger();
            Step worker = () -> {
                for (int i = 0; i < 2; i++) {
                    turns.begin();
                    require(inTurn.incrementAndGet() == 1, "two have the turn");
                    inTurn.decrementAndGet();
                    turns.end();
                }
            };
            together(worker, worker);
        });
    }

    @Test
    void a_batch_that_names_a_hold_on_its_way_into_the_database_waits_until_it_is_there() {
        List<Work> work = List.of(Work.of(A, null, 0), Work.of(null, A, 0));
        check(TRIES, () -> {
            var lane = new Lane(work);
            together(lane::work, lane::work);
            lane.requireCommitted(2);
        });
    }

    @Test
    void a_wait_ends_as_well_when_the_batch_it_waits_for_fails_and_is_run_again() {
        List<Work> work = List.of(Work.of(A, B, 1), Work.of(B, A, 1));
        check(TRIES, () -> {
            var lane = new Lane(work);
            together(lane::work, lane::work);
            lane.requireCommitted(2);
        });
    }

    /** The turn is with who waits for requests, and the next request comes when the failed batch is answered: it may not wait for it. */
    @Test
    void a_batch_is_run_again_while_the_other_worker_has_the_turn_and_waits_for_requests() {
        var batch = Work.of(A, null, 0).batch();
        List<ExpireHold> commands = List.of(new ExpireHold(A));
        var answer = new Outcome.UnknownHold(A);
        check(TRIES, () -> {
            var turns = new Turns();
            var queue = new RequestQueue(10);
            Step worker = () -> {
                while (true) {
                    turns.begin();
                    var requests = queue.take(1);
                    if (requests.isEmpty()) {
                        turns.end();
                        return;
                    }
                    for (int attempt = 0; attempt < 2; attempt++) {
                        turns.awaitNamed(batch);
                        turns.pass(batch);
                        turns.landed(batch, attempt == 1);
                    }
                    turns.end();
                    for (Request<?> request : requests) {
                        request.answer(0, answer);
                        request.complete();
                    }
                }
            };
            together(worker, worker, () -> {
                queue.add(commands, null).join();
                queue.close();
            });
        });
    }

    /** The first batch fails; those that follow must all hear it from the one before them. */
    @Test
    void a_batch_that_follows_another_hears_its_fate() {
        check(TRIES, () -> {
            var turns = new Turns();
            var decided = new AtomicInteger();
            Step worker = () -> {
                for (int i = 0; i < 2; i++) {
                    turns.begin();
                    var batch = new Batch();
                    var before = turns.underway();
                    boolean first = decided.getAndIncrement() == 0;
                    turns.pass(batch);
                    boolean beforeIsThere = before == null || turns.awaitLanded(before);
                    require(before == null || beforeIsThere == before.isCommitted(), "not its fate");
                    turns.landed(batch, !first && beforeIsThere);
                    require(batch.isCommitted() == (!first && beforeIsThere), "its own fate is another");
                }
            };
            together(worker, worker);
        });
    }

    /** What a batch places, what it names, and how many of its commits fail. */
    private record Work(
            Batch batch, @Nullable UUID places, @Nullable UUID names, int failures) {
        static Work of(@Nullable UUID places, @Nullable UUID names, int failures) {
            var batch = new Batch();
            if (places != null) {
                var hold = new Hold(places, Hold.State.ACTIVE, List.of(), Instant.EPOCH, Instant.EPOCH, null, null);
                batch.placedHolds.put(places, new HoldRow(hold, 0));
            }
            if (names != null) {
                batch.name(new ExpireHold(names));
            }
            return new Work(batch, places, names, failures);
        }
    }

    /** Work in order, and a database that is a set. */
    private static final class Lane {
        private final Turns turns = new Turns();
        private final Queue<Work> waiting;
        private final Set<UUID> passed = new HashSet<>();
        private final Set<UUID> there = new HashSet<>();
        private final List<Work> committed = new ArrayList<>();

        Lane(List<Work> work) {
            waiting = new ArrayDeque<>(work);
        }

        void work() {
            while (true) {
                turns.begin();
                var work = waiting.poll();
                if (work == null) {
                    turns.end();
                    return;
                }
                run(work);
                turns.end();
            }
        }

        private void run(Work work) {
            for (int failures = 0; failures <= work.failures(); failures++) {
                var batch = work.batch();
                turns.awaitNamed(batch);
                synchronized (this) {
                    boolean onItsWay = work.names() != null && passed.contains(work.names());
                    require(!onItsWay || there.contains(work.names()), "decided without what was on its way");
                    if (work.places() != null && failures == work.failures()) {
                        passed.add(work.places());
                    }
                }
                turns.pass(batch);
                synchronized (this) {
                    if (failures == work.failures()) {
                        committed.add(work);
                        if (work.places() != null) {
                            there.add(work.places());
                        }
                    }
                }
                turns.landed(batch, failures == work.failures());
            }
        }

        void requireCommitted(int batches) {
            require(committed.size() == batches, "committed " + committed);
        }
    }
}
