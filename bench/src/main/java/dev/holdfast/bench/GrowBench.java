package dev.holdfast.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import javax.sql.DataSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The lane with more and more history, and with more and more SKUs. */
@Command(
        name = "grow",
        header = "the lane with 0 to 10 million holds of history, and with 1 to 1 million SKUs",
        description = {
            "Fills a schema for each size with months of history (ended holds, their movements in monthly partitions,"
                    + " keys), then measures them in turn: holds a second and latency on a hot SKU and on 1,000 SKUs,"
                    + " start-up, bytes for each hold, and the load while retention deletes. Works on any PostgreSQL 15"
                    + " or newer, in schemas of its own that it removes. Writes grow.md and grow.json.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  ./holdfast bench grow",
            "  ./holdfast bench grow --rows 0,1000000 --skus 1,10000 --rounds 5",
            "  ./holdfast bench grow --no-retention --json --report reports/today",
            "",
            "It says first how much disk it needs: about 8 GB for the default sizes. A million holds took 29 s to fill on 2 busy"
                    + " cores.",
            "Exit codes: 0 measured; 99 the books do not balance; 1 could not run; 2 wrong use"
        },
        sortOptions = false,
        mixinStandardHelpOptions = true)
final class GrowBench implements Callable<Integer> {
    private static final long ROWS_MAX = 1_000_000_000;
    private static final long SKUS_MAX = 10_000_000;

    /** The write-ahead log of a fill, and what is sorted meanwhile. */
    private static final long BYTES_BESIDE = 2L << 30;

    @Option(
            names = "--rows",
            split = ",",
            paramLabel = "N",
            defaultValue = "0,1000000,10000000",
            description = "ended holds of history; each has about two movements (default: ${DEFAULT-VALUE})")
    private List<Long> rows = List.of();

    @Option(
            names = "--skus",
            split = ",",
            paramLabel = "N",
            defaultValue = "1,10000,1000000",
            description = "SKUs; the rows are measured with the middle one, the SKUs with the middle rows"
                    + " (default: ${DEFAULT-VALUE})")
    private List<Long> skus = List.of();

    @Option(
            names = "--callers",
            defaultValue = "256",
            description = "who wait for their answers (default: ${DEFAULT-VALUE})")
    private int callers;

    @Option(names = "--seconds", defaultValue = "2", description = "measured in each run (default: ${DEFAULT-VALUE})")
    private double seconds;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            defaultValue = "1",
            description = "before each run (default: ${DEFAULT-VALUE})")
    private double warmUpSeconds;

    @Option(
            names = "--rounds",
            defaultValue = "3",
            description = "measure each size so often, in turn, and take the median (default: ${DEFAULT-VALUE})")
    private int rounds;

    @Option(names = "--no-retention", description = "leave the load during retention out")
    private boolean noRetention;

    @Mixin
    private Reports reports = new Reports();

    @Mixin
    private Database database = new Database();

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        check();
        long start = System.nanoTime();
        var startedAt = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        var growth = measure(start, startedAt);
        var markdown = growth.markdown();
        reports.write("grow", Json.write(growth), markdown, List.of(new Reports.Text(".md", markdown)));
        return growth.ok() ? 0 : 99;
    }

    private Growth measure(long start, Instant startedAt) throws Exception {
        var sizes = sizes();
        try (var pool = database.pool(1)) {
            checkSpace(pool, sizes);
        }
        var schemas = new ArrayList<BenchSchema>();
        var sites = new ArrayList<GrowSite>();
        try {
            var load = new GrowSite.Settings(callers, warmUpSeconds, seconds);
            for (var size : sizes) {
                var schema = new BenchSchema(database, startedAt);
                schemas.add(schema);
                sites.add(new GrowSite(schema.pool(8), size.holds(), size.skus(), load));
            }
            int retention = noRetention ? 0 : GrowRetention.STEPS * rounds;
            var progress = new Progress(sites.size() * (1 + rounds) + retention);
            for (var site : sites) {
                progress.next("filling: " + site.title());
                site.fill(progress::done);
            }
            for (int round = 0; round < rounds; round++) {
                for (var site : round % 2 == 0 ? sites : sites.reversed()) {
                    progress.next(site.title());
                    progress.done(site.measure());
                }
            }
            var problems = new ArrayList<String>();
            for (var site : sites) {
                problems.addAll(site.problems());
            }
            var removals = new ArrayList<Growth.Removal>();
            if (!noRetention) {
                var largest =
                        sites.get(rows.indexOf(rows.stream().max(Long::compare).orElseThrow()));
                removals.addAll(new GrowRetention(largest, rounds, progress).measure());
                problems.addAll(largest.problems());
            }
            return new Growth(
                    Machine.describe(sites.getFirst().pool()),
                    startedAt.toString(),
                    (System.nanoTime() - start) / 1e9,
                    callers,
                    seconds,
                    rounds,
                    rows(sizes, sites),
                    removals,
                    problems);
        } finally {
            sites.forEach(GrowSite::close);
            schemas.forEach(BenchSchema::close);
        }
    }

    private record Size(long holds, long skus) {}

    /** All rows with the middle number of SKUs, then the other numbers of SKUs with the middle rows. */
    private List<Size> sizes() {
        var history = rows.stream().map(holds -> new Size(rounded(holds), middle(skus)));
        var others = skus.stream().map(count -> new Size(rounded(middle(rows)), count));
        return Stream.concat(history, others).distinct().toList();
    }

    private static long rounded(long holds) {
        return holds / History.PERIOD * History.PERIOD;
    }

    private static long middle(List<Long> values) {
        return values.get(values.size() / 2);
    }

    private List<Growth.Row> rows(List<Size> sizes, List<GrowSite> sites) {
        var found = new ArrayList<Growth.Row>();
        for (long holds : rows) {
            found.add(sites.get(sizes.indexOf(new Size(rounded(holds), middle(skus))))
                    .row("history"));
        }
        for (long count : skus) {
            found.add(sites.get(sizes.indexOf(new Size(rounded(middle(rows)), count)))
                    .row("skus"));
        }
        return found;
    }

    private static void checkSpace(DataSource pool, List<Size> sizes) throws SQLException, IOException {
        long needed = BYTES_BESIDE;
        for (var size : sizes) {
            needed += new History(pool, size.holds(), size.skus()).bytesNeeded();
        }
        var free = freeBytes(pool);
        System.err.printf(
                "Needs about %.1f GB of disk%s%n",
                needed / 1e9, free.isPresent() ? "; %.1f GB are free".formatted(free.getAsLong() / 1e9) : "");
        if (free.isPresent() && free.getAsLong() < needed) {
            throw new IllegalArgumentException(
                    "too little disk for these sizes: smaller ones with --rows and --skus, as in --rows 0,1000000");
        }
    }

    /** Empty if the database is elsewhere, or does not say where its data lies. */
    private static OptionalLong freeBytes(DataSource pool) throws IOException {
        try (var connection = pool.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery("SELECT current_setting('data_directory'), current_setting('port')")) {
            row.next();
            var directory = Path.of(row.getString(1));
            boolean ours = Files.exists(directory.resolve("postmaster.pid"))
                    && Files.readAllLines(directory.resolve("postmaster.pid")).contains(row.getString(2));
            return ours ? OptionalLong.of(Files.getFileStore(directory).getUsableSpace()) : OptionalLong.empty();
        } catch (SQLException e) {
            return OptionalLong.empty();
        }
    }

    private void check() {
        require(isAscending(rows, 0, ROWS_MAX), "--rows are growing numbers from 0 to " + ROWS_MAX);
        require(isAscending(skus, 1, SKUS_MAX), "--skus are growing numbers from 1 to " + SKUS_MAX);
        require(callers >= 1 && callers <= 16_384, "--callers is 1 to 16384");
        require(seconds >= 0.1 && seconds <= 600, "--seconds is 0.1 to 600");
        require(warmUpSeconds >= 0 && warmUpSeconds <= 600, "--warm-up is 0 to 600");
        require(rounds >= 1 && rounds <= 100, "--rounds is 1 to 100");
    }

    private static boolean isAscending(List<Long> numbers, long min, long max) {
        return !numbers.isEmpty()
                && numbers.getFirst() >= min
                && numbers.getLast() <= max
                && numbers.stream().sorted().distinct().toList().equals(numbers);
    }

    private void require(boolean fine, String otherwise) {
        if (!fine) {
            throw new ParameterException(spec.commandLine(), otherwise);
        }
    }
}
