package dev.holdfast.server;

import dev.holdfast.local.LocalPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Servers are killed with {@code kill -9} while checkouts of every fate stand before every step; two other servers bring them to a whole
 * end. What came of each is the table in {@code docs/reference/checkout.md}.
 */
@ExtendWith(SharedServer.class)
final class CheckoutCrashTest {
    private static final Path PAGE = Path.of("..", "docs", "reference", "checkout.md");
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String DATABASE = "checkout_crashes";
    private static final long UNITS = 2;
    private static final List<String> PAYMENTS =
            List.of("--holdfast.payment.deadline=1s", "--logging.level.dev.holdfast.server.payment=off");

    private static final Set<String> ENDS = Set.of("COMPLETED", "DECLINED", "CANCELLED", "EXPIRED", "REFUNDED");

    /** Those before which one server is killed; it drives 64 checkouts at once that their request has left. */
    private static final List<List<String>> KILLS = List.of(
            List.of("WRITE", "ASK", "CONFIRM", "HOLD_AGAIN", "ADOPT", "CAPTURE", "COMPLETE"),
            List.of("RELEASE", "VOID", "VOID_ALLOCATED", "REFUND_ALLOCATED", "DEALLOCATE", "REFUND", "END", "LATER"));

    private static final List<String> STEPS =
            KILLS.stream().flatMap(List::stream).toList();

    /** One checkout, and the step that its first driver does not live to take. */
    private static final class Cell {
        final CheckoutFate fate;
        final String step;
        final UUID id = TestCheckouts.newId();
        String sku = "";
        String body = "";
        boolean isDeedDone;
        boolean isStopped;

        Cell(CheckoutFate fate, String step) {
            this.fate = fate;
            this.step = step;
            this.isDeedDone = fate.deed() == CheckoutFate.Deed.NOTHING;
        }

        @Override
        public String toString() {
            return fate.name() + " before " + step;
        }
    }

    private final LocalPostgres postgres;

    CheckoutCrashTest(LocalPostgres postgres) {
        this.postgres = postgres;
        postgres.createDatabase(DATABASE);
    }

    @Test
    void everyFateKilledBeforeEveryStepComesToAWholeEnd() throws Exception {
        List<Cell> cells = new ArrayList<>();
        for (List<String> steps : KILLS) {
            List<Cell> mine = new ArrayList<>();
            CheckoutFate.ALL.forEach(fate -> steps.forEach(step -> mine.add(new Cell(fate, step))));
            stopAndKill(mine);
            cells.addAll(mine);
        }
        Map<UUID, String> ends = new ConcurrentHashMap<>();
        try (TestServer one = server();
                TestServer two = server()) {
            sql("UPDATE checkout SET due_at = clock_timestamp() WHERE due_at IS NOT NULL");
            var first = new TestCheckouts(one);
            var second = new TestCheckouts(two);
            all(cells, cell -> ends.put(cell.id, end(cell, one, first, second)));

            first.assertBooksAreRight();
            assertThat(count("""
                    SELECT sum(captured_minor - refunded_minor) FROM sandbox_payment""")).isEqualTo(count("""
                    SELECT sum(amount_minor) FROM checkout WHERE state = 'COMPLETED'"""));
        }
        assertThat(table(cells, ends)).isEqualTo(page());
    }

    /** Until each stands before its step, or has come to an end without it. */
    private void stopAndKill(List<Cell> cells) throws Exception {
        var threads = Executors.newVirtualThreadPerTaskExecutor();
        try (var server = DoomedServer.start(postgres, DATABASE, PAYMENTS)) {
            var shop = new TestShop(server.client());
            all(cells, cell -> stop(cell, server, shop, threads));
        } finally {
            threads.shutdownNow();
        }
    }

    private void stop(Cell cell, DoomedServer server, TestShop shop, ExecutorService threads) throws Exception {
        cell.sku = shop.goods(UNITS);
        cell.body = body(cell, shop);
        var _ = threads.submit(
                () -> shop.begin(cell.id, cell.body, "Prefer", "wait=0")); // answered, or its server killed
        String state = await(cell.toString())
                .atMost(PATIENCE)
                .until(
                        () -> shop.get(cell.id).at("/state"),
                        now -> server.hasStopped(cell.id) || ENDS.contains(now) || isTimeFor(cell, now));
        if (!server.hasStopped(cell.id) && !ENDS.contains(state)) {
            perform(cell, server.client(), shop);
            await(cell.toString())
                    .atMost(PATIENCE)
                    .until(() -> server.hasStopped(cell.id)
                            || ENDS.contains(shop.get(cell.id).at("/state")));
        }
        cell.isStopped = server.hasStopped(cell.id);
    }

    /** What came of it, or – if that step was not on its way. */
    private String end(Cell cell, TestServer server, TestCheckouts one, TestCheckouts two) throws Exception {
        Reply again = two.begin(cell.id, cell.body, "Prefer", "wait=0");
        assertThat(again.status()).as("%s: %s", cell, again.text()).isIn(201, 202);
        if (!cell.isDeedDone) {
            await(cell.toString())
                    .atMost(PATIENCE)
                    .until(() -> one.get(cell.id).at("/state"), now -> isTimeFor(cell, now) || ENDS.contains(now));
            perform(cell, server, one);
        }
        String state = one.awaitEnd(cell.id).at("/state");
        one.assertWhole(cell.id, cell.sku, UNITS);
        boolean isOnItsWay = cell.isStopped && (cell.fate.isPutOff() || !cell.step.equals("LATER"));
        return isOnItsWay ? state : "–";
    }

    private static String body(Cell cell, TestShop shop) {
        String goods = cell.fate.isOfCart()
                ? "\"cartId\": \"" + shop.cart(cell.sku, UNITS).substring("/v1/carts/".length()) + "\""
                : "\"lines\": [{\"sku\": \"" + cell.sku + "\", \"quantity\": " + UNITS + "}]";
        return "{%s, \"payment\": \"%s\", \"reference\": \"%s\"}".formatted(goods, cell.fate.token(), cell.step);
    }

    private boolean isTimeFor(Cell cell, String state) {
        return switch (cell.fate.deed()) {
            case NOTHING -> false;
            case ACTS,
                    ACTS_TOO_LATE,
                    ACTS_WHEN_SOLD_OUT,
                    CHANGES_THE_CART_AND_ACTS,
                    CANCELS,
                    PAYMENT_IS_CANCELLED,
                    PAYMENT_IS_REFUNDED_IN_PART -> state.equals("WAITING_FOR_BUYER");
            case MONEY_COMES_TOO_LATE, MONEY_COMES_WHEN_SOLD_OUT, MONEY_COMES_FOR_A_PART ->
                state.equals("PENDING")
                        && count("SELECT count(*) FROM sandbox_payment WHERE id = '" + cell.id + "'") == 1;
        };
    }

    private void perform(Cell cell, TestClient client, TestShop shop) throws SQLException {
        cell.isDeedDone = true;
        switch (cell.fate.deed()) {
            case NOTHING -> {}
            case ACTS -> shop.authenticate(cell.id);
            case ACTS_TOO_LATE -> {
                shop.letExpire(cell.id, postgres, DATABASE);
                shop.authenticate(cell.id);
            }
            case ACTS_WHEN_SOLD_OUT -> {
                sellToOthers(cell, client, shop);
                shop.authenticate(cell.id);
            }
            case CHANGES_THE_CART_AND_ACTS -> {
                String cart = "/v1/carts/" + shop.get(cell.id).at("/cartId");
                assertThat(shop.put(cart, cell.sku, 1).status()).isEqualTo(200);
                shop.authenticate(cell.id);
            }
            case CANCELS -> client.post("/v1/checkouts/" + cell.id + "/cancel", "{}", "Prefer", "wait=0");
            case PAYMENT_IS_CANCELLED -> {
                client.post("/v1/holds/" + cell.id + "/confirm", "{}"); // after that nothing but the payment can fail
                sql("UPDATE sandbox_payment SET state = 'VOIDED', version = version + 1 WHERE id = '" + cell.id + "'");
            }
            case PAYMENT_IS_REFUNDED_IN_PART -> {
                client.post("/v1/holds/" + cell.id + "/confirm", "{}");
                sql(TestCheckouts.REFUNDED_IN_PART + " WHERE id = '" + cell.id + "'");
            }
            case MONEY_COMES_TOO_LATE -> {
                shop.letExpire(cell.id, postgres, DATABASE);
                letMoneyCome(cell);
            }
            case MONEY_COMES_WHEN_SOLD_OUT -> {
                sellToOthers(cell, client, shop);
                letMoneyCome(cell);
            }
            case MONEY_COMES_FOR_A_PART -> {
                releasePart(cell, client);
                letMoneyCome(cell);
            }
        }
    }

    private static void releasePart(Cell cell, TestClient client) {
        Reply part = client.postNew("/v1/holds/" + cell.id + "/release", """
                {"lines": [{"sku": "%s", "quantity": 1}]}""".formatted(cell.sku));
        assertThat(part.status()).as(part.text()).isEqualTo(200);
    }

    private void sellToOthers(Cell cell, TestClient client, TestShop shop) throws SQLException {
        shop.letExpire(cell.id, postgres, DATABASE);
        Reply sale = client.postNew("/v1/sales", """
                {"lines": [{"sku": "%s", "quantity": %d}]}""".formatted(cell.sku, UNITS));
        assertThat(sale.status()).as(sale.text()).isEqualTo(201);
    }

    private void letMoneyCome(Cell cell) throws SQLException {
        sql("UPDATE sandbox_payment SET due_at = clock_timestamp() WHERE id = '" + cell.id + "'");
    }

    private static void all(List<Cell> cells, ForCell work) throws Exception {
        List<Callable<Cell>> calls = cells.stream()
                .<Callable<Cell>>map(cell -> () -> {
                    work.accept(cell);
                    return cell;
                })
                .toList();
        try (var threads = Executors.newFixedThreadPool(32)) {
            for (Future<Cell> done : threads.invokeAll(calls)) {
                done.get();
            }
        }
    }

    private interface ForCell {
        void accept(Cell cell) throws Exception;
    }

    private static String table(List<Cell> cells, Map<UUID, String> ends) {
        var table = new StringBuilder("| | ");
        table.append(STEPS.stream().map(step -> "`" + step + "`").collect(Collectors.joining(" | ")));
        table.append(" |\n|").append("---|".repeat(STEPS.size() + 1)).append('\n');
        for (CheckoutFate fate : CheckoutFate.ALL) {
            table.append("| ").append(fate.name()).append(" | ");
            table.append(STEPS.stream()
                    .map(step -> cells.stream()
                            .filter(cell -> cell.fate.equals(fate) && cell.step.equals(step))
                            .map(cell -> ends.get(cell.id))
                            .findAny()
                            .orElseThrow())
                    .collect(Collectors.joining(" | ")));
            table.append(" |\n");
        }
        return table.toString();
    }

    /** The page's table of fates. */
    private static String page() throws IOException {
        return Files.readAllLines(PAGE).stream()
                .dropWhile(line -> !line.startsWith("| | `WRITE` | "))
                .takeWhile(line -> line.startsWith("|"))
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private TestServer server() {
        return TestServer.start(postgres, DATABASE, PAYMENTS.toArray(String[]::new));
    }

    private void sql(String update) throws SQLException {
        try (var connection =
                        DriverManager.getConnection(postgres.jdbcUrl(DATABASE), postgres.user(), postgres.password());
                var statement = connection.createStatement()) {
            statement.executeUpdate(update);
        }
    }

    private long count(String query) {
        try (var connection =
                        DriverManager.getConnection(postgres.jdbcUrl(DATABASE), postgres.user(), postgres.password());
                var rows = connection.createStatement().executeQuery(query)) {
            rows.next();
            return rows.getLong(1);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
