package dev.holdfast.server.sql;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DataIntegrityViolationException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What is asked for at the same time is done in one go. */
@Timeout(30)
class TogetherTest {
    /** Each go, as it was given. */
    private final List<List<Integer>> goes = Collections.synchronizedList(new ArrayList<>());

    private final Semaphore begun = new Semaphore(0);
    private final Semaphore mayEnd = new Semaphore(0);

    /** Numbers are answered with themselves; below 0 they cannot be, and 0 is one for which the database is away. */
    private List<Integer> answer(List<Integer> numbers) {
        goes.add(numbers);
        begun.release();
        mayEnd.acquireUninterruptibly();
        if (numbers.contains(0)) {
            throw new DataAccessResourceFailureException("away");
        }
        if (numbers.stream().anyMatch(number -> number < 0)) {
            throw new DataIntegrityViolationException("negative");
        }
        return numbers;
    }

    /** One go is under way, and these have come meanwhile. */
    private List<CompletableFuture<Integer>> gathered(Together<Integer, Integer> together, int... numbers) {
        var first = together.submit(100);
        begun.acquireUninterruptibly();
        var others =
                new ArrayList<>(IntStream.of(numbers).mapToObj(together::submit).toList());
        assertThat(first).isNotDone();
        mayEnd.release(1_000);
        assertThat(first.join()).isEqualTo(100);
        return others;
    }

    @Test
    void whoIsAloneIsAnsweredAtOnce() {
        mayEnd.release(2);
        var together = new Together<Integer, Integer>(10, this::answer);

        assertThat(together.ask(7)).isEqualTo(7);
        assertThat(together.ask(8)).isEqualTo(8);

        assertThat(goes).containsExactly(List.of(7), List.of(8));
    }

    @Test
    void whatComesMeanwhileIsDoneInOneGoAndInOrder() {
        var together = new Together<Integer, Integer>(3, Comparator.naturalOrder(), this::answer);

        var answers = gathered(together, 5, 4, 3, 2, 1);

        assertThat(answers).extracting(CompletableFuture::join).containsExactly(5, 4, 3, 2, 1);
        assertThat(goes).containsExactly(List.of(100), List.of(3, 4, 5), List.of(1, 2));
    }

    @Test
    void whoCannotBeAnsweredKeepsNobodyElseFromIt() {
        var together = new Together<Integer, Integer>(10, this::answer);

        var answers = gathered(together, 1, 2, -3, 4, 5);

        assertThat(answers.get(2))
                .failsWithin(10, TimeUnit.SECONDS)
                .withThrowableThat()
                .withCauseInstanceOf(DataIntegrityViolationException.class);
        answers.remove(2);
        assertThat(answers).extracting(CompletableFuture::join).containsExactly(1, 2, 4, 5);
        mayEnd.release(10);
        assertThatThrownBy(() -> together.ask(-1)).isInstanceOf(DataIntegrityViolationException.class);
    }

    @Test
    void whatIsWrongForAllIsTriedOnceForAll() {
        var together = new Together<Integer, Integer>(10, this::answer);

        var answers = gathered(together, 1, 0, 2, 3);

        assertThat(answers)
                .allSatisfy(answer -> assertThat(answer)
                        .failsWithin(10, TimeUnit.SECONDS)
                        .withThrowableThat()
                        .withCauseInstanceOf(DataAccessResourceFailureException.class));
        assertThat(goes).hasSize(2);
    }

    @Test
    void nobodyIsForgottenHoweverManyAsk() {
        mayEnd.release(1_000_000);
        var together = new Together<Integer, Integer>(16, this::answer);

        var answers = IntStream.rangeClosed(1, 10_000)
                .parallel()
                .mapToObj(together::submit)
                .toList();

        assertThat(answers).extracting(CompletableFuture::join).hasSize(10_000).doesNotHaveDuplicates();
        assertThat(goes).allSatisfy(go -> assertThat(go).hasSizeBetween(1, 16));
    }
}
