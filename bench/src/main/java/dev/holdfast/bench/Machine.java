package dev.holdfast.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import javax.sql.DataSource;

/** What a figure was measured on; without it a figure says nothing. */
final class Machine {
    private Machine() {}

    static String describe(DataSource dataSource) throws SQLException {
        try (var connection = dataSource.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery("SELECT current_setting('server_version'), current_setting('fsync'),"
                        + " current_setting('synchronous_commit')")) {
            row.next();
            return "%s, PostgreSQL %s, fsync %s, synchronous_commit %s"
                    .formatted(describe(), row.getString(1).replaceAll(" .*", ""), row.getString(2), row.getString(3));
        }
    }

    static String describe() {
        return "%d × %s, Java %s"
                .formatted(
                        Runtime.getRuntime().availableProcessors(),
                        processor(),
                        Runtime.version().feature());
    }

    private static String processor() {
        var cpuInfo = Path.of("/proc/cpuinfo");
        try (var lines = Files.lines(cpuInfo)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException e) {
            return System.getProperty("os.arch");
        }
    }
}
