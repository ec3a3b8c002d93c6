package dev.holdfast.engine;

import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.Sourcing.Wanted;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** How much of what waits is decided in one transaction. */
class RequestQueueTest {
    private static final List<Location> LOCATIONS =
            IntStream.range(0, 20).mapToObj(i -> new Location("store-" + i)).toList();

    private final RequestQueue queue = new RequestQueue(100_000);

    @Test
    void aTransactionNamesABoundedNumberOfStocksHoweverManyCommandsComeTogether() {
        var holds = holds(45, 50); // of 50 x 20 stocks
        var answer = queue.add(holds, null);

        for (int part : new int[] {10, 10, 10, 10, 5}) {
            var taken = queue.take(1_000);
            assertThat(taken).singleElement().satisfies(request -> {
                assertThat(request.commands).hasSize(part);
                request.answer(request.commands.stream()
                        .map(command -> answerTo((PlaceHold) command))
                        .toList());
            });
            assertThat(answer).isNotDone();
            taken.getFirst().complete();
        }

        assertThat(answer.resultNow())
                .containsExactlyElementsOf(
                        holds.stream().map(RequestQueueTest::answerTo).toList());
        assertThat(queue.depth()).isZero();
    }

    @Test
    void requestsThatNameManyStocksAreTakenFewerAtATime() {
        var answers = IntStream.range(0, 12)
                .mapToObj(_ -> queue.add(holds(2, 50), null))
                .toList();

        assertThat(queue.take(1_000)).hasSize(5);
        assertThat(queue.take(1_000)).hasSize(5);
        assertThat(queue.take(1_000)).hasSize(2);
        assertThat(answers).noneMatch(CompletableFuture::isDone);
    }

    @Test
    void aPartThatFailsFailsTheWhole() {
        var answer = queue.add(holds(11, 50), null);
        var first = queue.take(1_000).getFirst();
        var second = queue.take(1_000).getFirst();

        first.fail(new EngineFailure.Overloaded(1));
        first.complete();
        second.answer(0, answerTo(holds(1, 1).getFirst()));
        second.complete();

        assertThat(answer.exceptionNow()).isInstanceOf(EngineFailure.Overloaded.class);
    }

    /** Any that tells one hold's from another's. */
    private static Outcome.Place answerTo(PlaceHold hold) {
        var key = hold.key().id();
        return new Outcome.UnknownSku(List.of(new StockKey(new Sku(key.toString()), Location.MAIN)));
    }

    private static List<PlaceHold> holds(int count, int skus) {
        var wanted = IntStream.range(0, skus)
                .mapToObj(i -> new Wanted(new Sku("SKU-" + i), 1))
                .toList();
        var sourcing = new Sourcing(wanted, LOCATIONS, Sourcing.Policy.IN_ORDER, true, null);
        return IntStream.range(0, count)
                .mapToObj(i -> new PlaceHold(
                        IdempotencyKey.of("test", "buyer-" + i),
                        List.of(),
                        Command.TTL_DEFAULT,
                        null,
                        null,
                        sourcing,
                        null))
                .toList();
    }
}
