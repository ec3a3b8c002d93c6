package dev.holdfast.engine;

import dev.holdfast.engine.Command.ConfirmHold;
import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.Command.Receive;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/** The database commits, and the answer is lost: what a dying network does, at the one moment that matters. */
@ParameterizedClass
@EnumSource(Path.class)
class CommitLostTest {
    private final AtomicInteger answersToLose = new AtomicInteger();
    private final AtomicInteger answersLost = new AtomicInteger();
    private final StockKey stock = StockKey.of("A");
    private final StockEngine engine;

    CommitLostTest(Path path) {
        engine = path.open(lossy(TestDatabase.create().dataSource()), TestDatabase.UNSWEPT, new SimpleMeterRegistry());
        engine.execute(new Receive(IdempotencyKey.random(), stock, Quantity.of(10), null));
    }

    @AfterEach
    void close() {
        TestDatabase.assertBooksAreRight(engine);
        engine.close();
    }

    @Test
    void what_was_decided_is_answered_and_only_replays_are_called_replays() {
        var before = IdempotencyKey.random();
        engine.execute(PlaceHold.of(before, Line.of("A", 1)));
        var key = IdempotencyKey.random();
        answersToLose.set(1);

        var answers = engine.executeAll(List.of(
                PlaceHold.of(key, Line.of("A", 2)),
                PlaceHold.of(key, Line.of("A", 2)),
                PlaceHold.of(before, Line.of("A", 1)),
                PlaceHold.of(IdempotencyKey.random(), Line.of("A", 8))));

        assertThat(answersLost).hasValue(1);
        assertThat(answers.subList(0, 3)).extracting(CommitLostTest::replayed).containsExactly(false, true, true);
        assertThat(answers.get(3)).isInstanceOf(Outcome.Insufficient.class);
        assertThat(engine.levels(stock.sku()).getFirst().held()).isEqualTo(3);
    }

    @Test
    void lost_again_and_again_it_still_takes_effect_once() {
        var key = IdempotencyKey.random();
        answersToLose.set(3);

        assertThat(engine.execute(PlaceHold.of(key, Line.of("A", 2))))
                .isInstanceOfSatisfying(
                        Outcome.Placed.class,
                        placed -> assertThat(placed.replayed()).isFalse());
        answersToLose.set(2);
        assertThat(engine.execute(ConfirmHold.of(key.id()))).isInstanceOf(Outcome.Changed.class);

        assertThat(answersLost.get()).isGreaterThanOrEqualTo(2);
        assertThat(engine.levels(stock.sku())).containsExactly(new Level(stock, 10, 0, 2, 0, 0, 0, 3));
    }

    @Test
    void a_hold_is_superseded_once_however_often_its_answer_is_lost() {
        var old = IdempotencyKey.random();
        engine.execute(PlaceHold.of(old, Line.of("A", 6)));
        answersToLose.set(2);

        var next = new PlaceHold(
                IdempotencyKey.random(), List.of(Line.of("A", 9)), Command.TTL_DEFAULT, null, null, null, old.id());
        assertThat(engine.execute(next))
                .isInstanceOfSatisfying(
                        Outcome.Placed.class,
                        placed -> assertThat(placed.replayed()).isFalse());

        assertThat(engine.levels(stock.sku())).containsExactly(new Level(stock, 10, 9, 0, 0, 0, 0, 4));
        assertThat(engine.hold(old.id()).orElseThrow().state()).isEqualTo(Hold.State.RELEASED);
    }

    @Test
    void a_part_is_taken_once_and_a_whole_is_the_rest_however_often_the_answer_is_lost() {
        var hold = IdempotencyKey.random();
        engine.execute(PlaceHold.of(hold, Line.of("A", 6)));
        answersToLose.set(2);
        assertThat(engine.execute(new ConfirmHold(IdempotencyKey.random(), hold.id(), List.of(Line.of("A", 2)))))
                .isInstanceOfSatisfying(Outcome.Changed.class, changed -> {
                    assertThat(changed.replayed()).isFalse();
                    assertThat(changed.hold().part(0)).isEqualTo(new Hold.Part(2, 0, 0, 0));
                });
        answersToLose.set(2);
        assertThat(engine.execute(Command.ReleaseHold.of(hold.id())))
                .isInstanceOfSatisfying(
                        Outcome.Changed.class,
                        changed -> assertThat(changed.hold().part(0)).isEqualTo(new Hold.Part(2, 0, 4, 0)));
        assertThat(engine.levels(stock.sku())).containsExactly(new Level(stock, 10, 0, 2, 0, 0, 0, 4));
    }

    @Test
    void a_sale_is_settled_once_however_often_its_answer_is_lost() {
        var lease = IdempotencyKey.random();
        engine.execute(PlaceHold.of(lease, Line.of("A", 6)));
        var sale = new Command.Settle(IdempotencyKey.random(), lease.id(), List.of(Line.of("A", 12)), null, null);
        var line = new Outcome.SettledLine(stock, 12, 6, 2, 0);
        answersToLose.set(2);
        for (boolean replayed : new boolean[] {false, true}) {
            assertThat(engine.execute(sale)).isInstanceOfSatisfying(Outcome.Settled.class, settled -> {
                assertThat(settled.lines()).containsExactly(line);
                assertThat(settled.replayed()).isEqualTo(replayed);
            });
        }
        assertThat(engine.levels(stock.sku())).containsExactly(new Level(stock, 0, 0, 0, 0, 0, 0, 4));
    }

    private static boolean replayed(Outcome.Place outcome) {
        return outcome instanceof Outcome.Placed placed && placed.replayed();
    }

    private DataSource lossy(DataSource dataSource) {
        return proxy(DataSource.class, (method, arguments) -> {
            var result = method.invoke(dataSource, arguments);
            return result instanceof Connection connection ? lossy(connection) : result;
        });
    }

    private Connection lossy(Connection connection) {
        return proxy(Connection.class, (method, arguments) -> {
            var result = method.invoke(connection, arguments);
            return result instanceof PreparedStatement statement
                            && arguments[0].toString().endsWith("COMMIT")
                    ? lossy(statement, connection)
                    : result;
        });
    }

    private PreparedStatement lossy(PreparedStatement statement, Connection connection) {
        return proxy(PreparedStatement.class, (method, arguments) -> {
            var result = method.invoke(statement, arguments);
            if (method.getName().equals("execute") && answersToLose.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
                answersLost.incrementAndGet();
                connection.abort(Runnable::run);
                throw new SQLException("the answer was lost", "08006");
            }
            return result;
        });
    }

    private interface Handler {
        Object invoke(Method method, Object[] arguments) throws Exception;
    }

    private static <T> T proxy(Class<T> type, Handler handler) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (_, method, arguments) -> {
                    try {
                        return handler.invoke(method, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }
}
