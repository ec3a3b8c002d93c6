package dev.holdfast.engine;

import dev.holdfast.engine.Command.ExpireHold;
import dev.holdfast.engine.Interleavings.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static dev.holdfast.engine.Interleavings.check;
import static dev.holdfast.engine.Interleavings.require;
import static dev.holdfast.engine.Interleavings.together;

/** The lane's queue in many orders of its callers' and workers' steps. */
@Tag("interleavings")
class RequestQueueInterleavingsTest {
    private static final int TRIES =
            50; // each try takes 10 to 50 ms: every step of every class in it is a place to switch threads

    /** Made before: the orders of these steps are not in question. */
    private static final List<List<ExpireHold>> COMMANDS = IntStream.range(0, 4)
            .mapToObj(i -> List.of(new ExpireHold(new UUID(0, i))))
            .toList();

    private static final Outcome ANSWER = new Outcome.UnknownHold(new UUID(0, 0));

    /** The shortest way to the edge: all that can follow a close happens while a caller is anywhere within add. */
    @Test
    void a_request_that_meets_the_close_is_taken_or_failed() {
        check(5 * TRIES, () -> {
            var lane = new Lane(10);
            together(() -> lane.add(1), () -> {
                lane.queue.close();
                lane.work(10);
                lane.queue.failWaiting();
            });
            lane.requireAllAnswered();
        });
    }

    @Test
    void two_takers_answer_all_that_two_callers_add_and_leave_nobody_waiting() {
        check(TRIES, () -> {
            var lane = new Lane(10);
            int[] working = {2};
            Step worker = () -> {
                lane.work(1);
                boolean last;
                synchronized (working) {
                    last = --working[0] == 0;
                }
                if (last) {
                    lane.queue.failWaiting();
                }
            };
            together(worker, worker, () -> lane.add(1), () -> {
                lane.add(2);
                lane.queue.close();
            });
            lane.requireAllAnswered();
        });
    }

    @Test
    void one_callers_requests_are_taken_in_its_order() {
        check(TRIES, () -> {
            var lane = new Lane(10);
            together(() -> lane.work(2), () -> {
                lane.add(1);
                lane.add(2);
                lane.add(3);
                lane.queue.close();
            });
            lane.requireAllAnswered();
            require(lane.decided.equals(List.of(1, 2, 3)), "decided " + lane.decided);
        });
    }

    /** Two of three callers fit; one that meets another's refusal on its way may be refused too. */
    @Test
    void no_more_wait_than_the_bound_allows() {
        check(TRIES, () -> {
            var lane = new Lane(2);
            together(() -> lane.add(1), () -> lane.add(2), () -> lane.add(3));
            require(lane.refused >= 1, "three wait where two may");
            require(lane.queue.depth() == lane.answers.size(), "depth " + lane.queue.depth());
            lane.queue.close();
            lane.work(10);
            lane.queue.failWaiting();
            lane.requireAllAnswered();
        });
    }

    /** A queue, those who add numbers to it and those who take them. */
    private static final class Lane {
        final RequestQueue queue;
        final List<CompletableFuture<?>> answers = new ArrayList<>();
        final List<Integer> decided = new ArrayList<>();
        int refused;

        Lane(int commandsMax) {
            queue = new RequestQueue(commandsMax);
        }

        void add(int number) {
            try {
                var answer = queue.add(COMMANDS.get(number), null);
                synchronized (this) {
                    answers.add(answer);
                }
            } catch (EngineFailure.Overloaded | EngineFailure.Closed e) {
                synchronized (this) {
                    refused++;
                }
            }
        }

        /** Like a worker: until the queue is closed and empty. */
        void work(int commandsWanted) {
            for (var taken = queue.take(commandsWanted); !taken.isEmpty(); taken = queue.take(commandsWanted)) {
                for (Request<?> request : taken) {
                    require(!request.answer.isDone(), "taken twice, or failed and taken");
                    var id = ((ExpireHold) request.commands.getFirst()).holdId();
                    synchronized (this) {
                        decided.add((int) id.getLeastSignificantBits());
                    }
                    request.answer(0, ANSWER);
                    request.complete();
                }
            }
        }

        void requireAllAnswered() {
            int failed = 0;
            for (var answer : answers) {
                require(answer.isDone(), "a request was left waiting");
                failed += answer.isCompletedExceptionally() ? 1 : 0;
            }
            require(decided.size() + failed == answers.size(), "decided " + decided + ", failed " + failed);
            require(queue.depth() == 0, "depth " + queue.depth());
        }
    }
}
