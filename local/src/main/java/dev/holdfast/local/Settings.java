package dev.holdfast.local;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What PostgreSQL is started with. On the command line, so that neither postgresql.conf nor {@code ALTER SYSTEM} can
 * switch durability off behind our back.
 */
final class Settings {
    private static final Map<String, String> ALWAYS = new LinkedHashMap<>();

    static {
        // Durability is the product: a "yes" is on the disk before anybody hears it.
        ALWAYS.put("fsync", "on");
        ALWAYS.put("synchronous_commit", "on");
        ALWAYS.put("full_page_writes", "on");

        // Loopback TCP only: a socket file would need a path of at most 107 bytes, which a deep clone exceeds.
        ALWAYS.put("listen_addresses", "127.0.0.1");
        ALWAYS.put("unix_socket_directories", "");

        // A server uses at most 16 connections and one of its own, eight of them 136; a comparison of write paths 64.
        // ~2 MB each when used.
        ALWAYS.put("max_connections", "200");

        // Twice the default. A million holds with their ledger are ~290 MB, of which a sale touches the newest tenth.
        ALWAYS.put("shared_buffers", "256MB");

        // A checkpoint every max_wal_size / (1 + completion_target) = 4 GB / 1.9 = 2.1 GB of log. 60,000 holds/s with
        // ~600 B of log each are 36 MB/s, so one a minute at full load, written over 0.9 of that time, instead of the
        // default's (1 GB) one every 15 s with its burst of full-page images. Recovery after kill -9 replays at most
        // these 2-4 GB: 10-40 s at 100-200 MB/s, the usual few MB in under a second.
        ALWAYS.put("max_wal_size", "4GB");
        ALWAYS.put("checkpoint_timeout", "15min");
        ALWAYS.put("checkpoint_completion_target", "0.9");
        // Finished log segments up to here are renamed for reuse: no new file to create and zero during the next burst.
        ALWAYS.put("min_wal_size", "1GB");

        // Compiling takes ~100 ms a query and pays after seconds of run time; the statements here run for milliseconds.
        ALWAYS.put("jit", "off");

        ALWAYS.put("timezone", "UTC");
        ALWAYS.put("log_timezone", "UTC");

        // <data>/log/postgres-Mon.log … -Sun.log: seven files, each emptied when its weekday comes round again. The
        // text of a failing statement stays out: a batch carries arrays of thousands of values.
        ALWAYS.put("logging_collector", "on");
        ALWAYS.put("log_directory", "log");
        ALWAYS.put("log_filename", "postgres-%a.log");
        ALWAYS.put("log_rotation_age", "1d");
        ALWAYS.put("log_rotation_size", "0");
        ALWAYS.put("log_truncate_on_rotation", "on");
        ALWAYS.put("log_min_error_statement", "panic");
        ALWAYS.put("log_line_prefix", "%m [%p] ");
    }

    private Settings() {}

    /** For {@code pg_ctl --options}, which hands it to a shell; no value holds a quote. */
    static String commandLine(int port) {
        return "-p " + port + " "
                + ALWAYS.entrySet().stream()
                        .map(setting -> "-c '" + setting.getKey() + "=" + setting.getValue() + "'")
                        .collect(Collectors.joining(" "));
    }
}
