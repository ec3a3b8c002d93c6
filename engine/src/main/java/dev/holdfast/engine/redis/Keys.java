package dev.holdfast.engine.redis;

import dev.holdfast.engine.StockKey;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import javax.sql.DataSource;

/**
 * The names of keys. All of one shard begin with the same hash tag, so that one script may use them together in a Redis Cluster; a
 * shard's keys lie on one node.
 *
 * @param tag in braces: what is between them says where a key lies
 */
public record Keys(String tag) {
    /** Databases of one name on two servers may share a Redis: what the server calls itself tells them apart. */
    private static final String IDENTITY =
            "SELECT system_identifier || '.' || current_database() || '.' || current_schema() FROM pg_control_system()";

    /**
     * Of the schema that this data source leads to.
     *
     * @throws IllegalStateException if the database does not say which it is
     */
    public static Keys of(DataSource dataSource) {
        try (var connection = dataSource.getConnection();
                var select = connection.createStatement();
                var rows = select.executeQuery(IDENTITY)) {
            rows.next();
            return new Keys("{holdfast:" + URLEncoder.encode(rows.getString(1), StandardCharsets.UTF_8) + "}");
        } catch (SQLException e) {
            throw new IllegalStateException("the database does not say which it is", e);
        }
    }

    /** Of what no script uses together with anything else: it may lie on any node of a Redis Cluster. */
    public String spread(String name) {
        return tag.substring(1, tag.length() - 1) + ":" + name;
    }

    /** A string: the token of who holds a lease. */
    String lease(String name) {
        return tag + "lease:" + name;
    }

    String lock(StockKey stock) {
        return tag + "lock:" + name(stock);
    }

    /** A hash: available, seq, raises. */
    String counter(StockKey stock) {
        return tag + "counter:" + name(stock);
    }

    /** A string: the database's last "no". */
    String refusal(StockKey stock) {
        return tag + "refusal:" + name(stock);
    }

    /** A hash of all that was taken and is not yet decided. */
    String inFlight() {
        return tag + "in-flight";
    }

    /** What the scripts of counters want: what is in flight, the counters, their refusals. */
    List<String> counters(Collection<StockKey> stocks) {
        var all = new ArrayList<String>(1 + 2 * stocks.size());
        all.add(inFlight());
        stocks.forEach(stock -> all.add(counter(stock)));
        stocks.forEach(stock -> all.add(refusal(stock)));
        return all;
    }

    /** Names have no control characters, so the tab is neither's. */
    static String name(StockKey stock) {
        return stock.sku().value() + '\t' + stock.location().value();
    }

    static StockKey stock(String name) {
        int tab = name.indexOf('\t');
        return StockKey.of(name.substring(0, tab), name.substring(tab + 1));
    }
}
