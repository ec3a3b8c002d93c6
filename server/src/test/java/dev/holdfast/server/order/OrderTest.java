package dev.holdfast.server.order;

import dev.holdfast.engine.StockKey;
import dev.holdfast.server.order.Order.Allowed;
import dev.holdfast.server.order.Order.Refund;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The rules of orders, tried with every history of small orders. */
final class OrderTest {
    private static final Path PAGE = Path.of("..", "docs", "reference", "orders.md");
    private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
    private static final UUID ID = new UUID(0, 1);

    /** What an order is, whatever happened before: its places, and of its refunds how much is due and how much went back. */
    private record Seen(OrderState state, boolean isPaid, List<OrderLine> lines, long due, long gone) {
        static Seen of(Order order) {
            long all = order.refunds().stream().mapToLong(Refund::amountMinor).sum();
            return new Seen(
                    order.state(),
                    order.payment() != null,
                    order.lines(),
                    order.refundDueMinor(),
                    all - order.refundDueMinor());
        }
    }

    private static Order order(long... pricesAndQuantities) {
        List<OrderLine> lines = new ArrayList<>();
        for (int i = 0; i < pricesAndQuantities.length; i += 2) {
            lines.add(OrderLine.of(StockKey.of("S" + i), pricesAndQuantities[i + 1], pricesAndQuantities[i]));
        }
        return Order.placed(ID, new UUID(0, 2), "buyer", null, "EUR", lines, NOW);
    }

    /** By every act, in every part. */
    private static List<Order> next(Order order, Act act) {
        List<Order> next = new ArrayList<>();
        switch (act) {
            case PAY -> {
                if (!order.state().after(act).isEmpty() && order.payment() == null) {
                    next.add(order.paid("payment", NOW));
                }
            }
            case REFUND ->
                order.refunds().stream()
                        .filter(Refund::isDue)
                        .forEach(refund -> next.add(order.refunded(refund.number(), NOW)));
            case PACK, SHIP, DELIVER, CANCEL, RETURN ->
                parts(order).forEach(parts -> {
                    if (order.decide(act, parts, NOW) instanceof Allowed allowed) {
                        next.add(allowed.after());
                    }
                });
        }
        return next;
    }

    /** Everything; each number of units of one line; one unit of each of two. */
    private static List<List<Part>> parts(Order order) {
        List<List<Part>> parts = new ArrayList<>();
        parts.add(List.of());
        for (OrderLine line : order.lines()) {
            for (long units = 1; units <= line.quantity(); units++) {
                parts.add(List.of(Part.of(line, units)));
            }
        }
        parts.add(order.lines().stream().map(line -> Part.of(line, 1)).toList());
        return parts;
    }

    /** From state to state by which act, in all histories of these orders. */
    private static Map<OrderState, Map<Act, Set<OrderState>>> explored(Order... orders) {
        Map<OrderState, Map<Act, Set<OrderState>>> seen = new EnumMap<>(OrderState.class);
        Set<Seen> known = new HashSet<>();
        Deque<Order> open = new ArrayDeque<>(List.of(orders));
        while (!open.isEmpty()) {
            Order order = open.poll();
            for (Act act : Act.values()) {
                for (Order after : next(order, act)) {
                    seen.computeIfAbsent(order.state(), _ -> new EnumMap<>(Act.class))
                            .computeIfAbsent(act, _ -> EnumSet.noneOf(OrderState.class))
                            .add(after.state());
                    assertHoldsTogether(order, after);
                    if (known.add(Seen.of(after))) {
                        open.add(after);
                    }
                }
            }
        }
        return seen;
    }

    private static void assertHoldsTogether(Order before, Order after) {
        assertThat(after.version()).isEqualTo(before.version() + 1);
        long gone = 0;
        for (OrderLine line : after.lines()) {
            assertThat(List.of(
                            line.open(),
                            line.packed(),
                            line.shipped(),
                            line.delivered(),
                            line.cancelled(),
                            line.returned()))
                    .as("%s after %s", after, before)
                    .allMatch(units -> units >= 0);
            gone += line.unitPriceMinor() * (line.cancelled() + line.returned());
        }
        long refunds = after.refunds().stream().mapToLong(Refund::amountMinor).sum();
        assertThat(refunds).as("what is gone of what was paid goes back").isEqualTo(after.payment() == null ? 0 : gone);
    }

    /** Neither more than can happen nor less. */
    @Test
    void theTableIsWhatCanHappen() {
        var seen = explored(order(3, 2, 5, 2), order(3, 1, 0, 1, 5, 1), order(0, 2), order(7, 3));

        for (OrderState state : OrderState.values()) {
            for (Act act : Act.values()) {
                assertThat(state.after(act))
                        .as("%s by %s", state, act)
                        .isEqualTo(seen.getOrDefault(state, Map.of()).getOrDefault(act, Set.of()));
            }
        }
    }

    @Test
    void unitsArePackedAndShippedBeforeThoseThatAreNot() {
        var line = OrderLine.of(StockKey.of("S"), 5, 1).after(Act.PACK, 2);

        assertThat(line.after(Act.SHIP, 1).packed()).isEqualTo(1);
        assertThat(line.after(Act.SHIP, 3).packed()).isZero();
        assertThat(line.after(Act.CANCEL, 3).packed())
                .as("parcels are opened last")
                .isEqualTo(2);
        assertThat(line.after(Act.CANCEL, 4).packed()).isEqualTo(1);
        var sent = line.after(Act.SHIP, 5).after(Act.DELIVER, 2);
        assertThat(sent.after(Act.RETURN, 2).shipped()).isEqualTo(3);
        assertThat(sent.after(Act.RETURN, 4).shipped()).isEqualTo(1);
    }

    @Test
    void aTotalThatNoLongHoldsIsNoOrder() {
        long dear = 1_000_000_000_000_000L;

        assertThatThrownBy(() -> order(dear, 1_000_000_000)).isInstanceOf(ArithmeticException.class);
        assertThatThrownBy(() -> order(dear, 1, 1, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThat(order(dear, 1).totalMinor()).isEqualTo(dear);
    }

    /** What the page says is generated from the code; this is the text to put there when it differs. */
    @Test
    void thePageHasTheTable() throws IOException {
        assertThat(Files.readString(PAGE)).contains(states()).contains(transitions());
    }

    private static String states() {
        return "| state | meaning |\n|---|---|\n"
                + Arrays.stream(OrderState.values())
                        .map(state -> "| `" + state + "` | " + state.meaning() + " |\n")
                        .collect(Collectors.joining());
    }

    private static String transitions() {
        var table = new StringBuilder("| from |");
        Arrays.stream(Act.values())
                .forEach(act -> table.append(' ').append(act.word()).append(" |"));
        table.append("\n|---|").append("---|".repeat(Act.values().length)).append('\n');
        for (OrderState state : OrderState.values()) {
            table.append("| `").append(state).append("` |");
            for (Act act : Act.values()) {
                String next = state.after(act).stream()
                        .map(one -> one == state ? "*stays*" : "`" + one + "`")
                        .collect(Collectors.joining(", "));
                table.append(' ').append(next.isEmpty() ? "–" : next).append(" |");
            }
            table.append('\n');
        }
        return table.toString();
    }
}
