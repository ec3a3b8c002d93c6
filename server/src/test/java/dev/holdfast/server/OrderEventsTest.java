package dev.holdfast.server;

import dev.holdfast.local.LocalPostgres;
import dev.holdfast.server.order.Orders.NewOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

import static dev.holdfast.server.TestOrders.CHECKOUT;
import static dev.holdfast.server.TestOrders.line;
import static dev.holdfast.server.TestOrders.payment;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Whoever tails the log of all orders as its page says misses nothing and sees each order's events in their order. */
@ExtendWith(SharedServer.class)
final class OrderEventsTest {
    private static final Path PAGE = Path.of("..", "docs", "reference", "orders.md");
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Reads on from where its last look ended. */
    private static final class Tail {
        private final String sql;
        private final Connection connection;
        private String xid = "0";
        private long seq;
        final List<String> seen = new ArrayList<>();

        Tail(Connection connection) throws Exception {
            this.connection = connection;
            String page = Files.readString(PAGE);
            int begin = page.indexOf("```sql\nSELECT xid, seq") + "```sql\n".length();
            this.sql = page.substring(begin, page.indexOf("```", begin));
        }

        void look() throws SQLException {
            try (var select = connection.prepareStatement(sql)) {
                select.setString(1, xid);
                select.setLong(2, seq);
                try (var rows = select.executeQuery()) {
                    while (rows.next()) {
                        xid = rows.getString("xid");
                        seq = rows.getLong("seq");
                        seen.add(rows.getString("order_id") + " " + rows.getLong("number"));
                    }
                }
            }
        }
    }

    private final LocalPostgres postgres;
    private final TestServer server;
    private final TestOrders orders;

    OrderEventsTest(TestServer server, LocalPostgres postgres) {
        this.postgres = postgres;
        this.server = server;
        this.orders = new TestOrders(server);
    }

    private Connection connection() throws SQLException {
        return DriverManager.getConnection(postgres.jdbcUrl("shared"), postgres.user(), postgres.password());
    }

    @Test
    void nothingIsMissedWhileManyWrite() throws Exception {
        String sku = server.receive(10_000);
        List<Callable<Boolean>> buyers = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            buyers.add(() -> {
                for (int j = 0; j < 5; j++) {
                    String order = orders.placed(line(sku, 1, 100));
                    orders.orders.paid(TestOrders.id(order), payment(100), CHECKOUT);
                    assertThat(server.postNew(order + "/ship", "{}").status()).isEqualTo(200);
                }
                return true;
            });
        }
        try (var connection = connection();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var tail = new Tail(connection);
            int before = count(connection);
            List<Future<Boolean>> running = buyers.stream().map(threads::submit).toList();
            while (!running.stream().allMatch(Future::isDone)) {
                tail.look();
            }
            for (Future<Boolean> buyer : running) {
                buyer.get();
            }
            assertThat(count(connection)).isEqualTo(before + 600);
            await().atMost(PATIENCE).until(() -> {
                tail.look();
                return tail.seen.size() >= before + 600;
            });

            assertThat(tail.seen).hasSize(before + 600);
            assertThat(new HashSet<>(tail.seen)).hasSize(before + 600);
            assertEachOrderIsInOrder(tail.seen);
        }
    }

    /** A transaction that has begun earlier writes the later event, while a third one is in between. */
    @Test
    void aLaterEventOfAnEarlierTransactionIsNotSeenFirst() throws Exception {
        String sku = server.receive(1);
        NewOrder order = orders.of(null, line(sku, 1, 100));
        var database = server.bean(JdbcTemplate.class);
        var manager = server.bean(PlatformTransactionManager.class);
        var earlier = new TransactionTemplate(manager);
        var later = new TransactionTemplate(manager);
        later.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        UUID id = order.id();
        try (var connection = connection();
                var between = connection()) {
            var tail = new Tail(connection);
            between.setAutoCommit(false);
            earlier.executeWithoutResult(_ -> {
                database.queryForList("SELECT pg_current_xact_id()::text", String.class);
                begin(between);
                later.executeWithoutResult(_ -> orders.orders.place(order, CHECKOUT));
                orders.orders.paid(id, payment(100), CHECKOUT);
            });

            tail.look();
            assertThat(tail.seen)
                    .as("the one in between is still running")
                    .noneMatch(event -> event.startsWith(id.toString()));
            between.commit();
            await().atMost(PATIENCE).until(() -> {
                tail.look();
                return tail.seen.contains(id + " 2");
            });
            assertEachOrderIsInOrder(tail.seen);
        }
    }

    private static void begin(Connection connection) {
        try {
            connection.createStatement().execute("SELECT pg_current_xact_id()");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static int count(Connection connection) throws SQLException {
        try (var rows = connection.createStatement().executeQuery("SELECT count(*) FROM order_event")) {
            rows.next();
            return rows.getInt(1);
        }
    }

    private static void assertEachOrderIsInOrder(List<String> seen) {
        Map<String, Long> last = new HashMap<>();
        for (String event : seen) {
            String order = event.substring(0, 36);
            long number = Long.parseLong(event.substring(37));
            assertThat(number).as(event).isEqualTo(last.getOrDefault(order, 0L) + 1);
            last.put(order, number);
        }
    }
}
