package dev.holdfast.samples.jpa;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.stereotype.Component;

/**
 * Buyers who have all read a row before the first of them writes it, without a pause in the code they run: the row is locked
 * from outside, which stops writers and no reader, until all of them stand before it.
 */
@Component
final class Rush {
    private final DriverManagerDataSource outside; // not the application's pool, which the buyers may use up

    Rush(JdbcConnectionDetails database) {
        outside = new DriverManagerDataSource(
                database.getJdbcUrl(), String.valueOf(database.getUsername()), String.valueOf(database.getPassword()));
    }

    /** How many were "sold", "refused", or failed with which exception. */
    Map<String, Integer> on(String table, String sku, int buyers, Callable<Boolean> buy) {
        List<Future<Boolean>> answers = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            try (var connection = outside.getConnection();
                    var lock = connection.createStatement()) {
                connection.setAutoCommit(false);
                lock.execute("SELECT FROM %s WHERE sku = '%s' FOR UPDATE".formatted(table, sku));
                for (int i = 0; i < buyers; i++) {
                    answers.add(threads.submit(buy));
                }
                awaitBlocked(buyers);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
            return count(answers);
        }
    }

    /** Until so many sessions stand before a lock. */
    void awaitBlocked(int sessions) {
        var jdbc = new JdbcTemplate(outside);
        Awaitility.await()
                .pollInterval(Duration.ofMillis(10))
                .atMost(Duration.ofSeconds(20))
                .until(() -> Integer.valueOf(sessions).equals(jdbc.queryForObject("""
                        SELECT count(*)::int FROM pg_stat_activity
                        WHERE datname = current_database() AND wait_event_type = 'Lock'
                        """, Integer.class)));
    }

    static Map<String, Integer> count(List<Future<Boolean>> answers) {
        Map<String, Integer> counts = new TreeMap<>();
        for (Future<Boolean> answer : answers) {
            counts.merge(told(answer), 1, Integer::sum);
        }
        return counts;
    }

    private static String told(Future<Boolean> answer) {
        try {
            return answer.get(30, TimeUnit.SECONDS) ? "sold" : "refused";
        } catch (ExecutionException e) {
            return String.valueOf(e.getCause()).replaceAll(":.*", "").replaceAll(".*\\.", "");
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }
}
