package dev.holdfast.server.seating;

import dev.holdfast.server.seating.Wanted.Adjacency;
import dev.holdfast.server.venue.VenueMap;
import dev.holdfast.server.venue.VenueMap.Point;
import dev.holdfast.server.venue.VenueMap.Row;
import dev.holdfast.server.venue.VenueMap.Seat;
import dev.holdfast.server.venue.VenueMap.Section;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.NullMarked;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One choice each among 20,000 seats, in a house of 10 sections with 50 rows of two times 20; orphans are refused. */
@NullMarked
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ChooserBenchmark {
    private static final int SECTIONS = 10;
    private static final int ROWS = 50;
    private static final int SEATS = 40;

    private final SeatPlan plan = SeatPlan.of(map());

    /** How many of 100 seats are free, here and there; alternate: every second seat, so that no two are side by side. */
    @Param({"100", "50", "5", "alternate"})
    public String free = "";

    @Param("4")
    public int count;

    private final BitSet seats = new BitSet();
    private long spread;

    @Setup
    public void sell() {
        var random = new Random(1);
        for (int i = 0; i < plan.size(); i++) {
            seats.set(i, free.equals("alternate") ? i % 2 == 0 : random.nextInt(100) < Integer.parseInt(free));
        }
    }

    @Benchmark
    public Object required() {
        return choose(Adjacency.REQUIRED, 0);
    }

    @Benchmark
    public Object preferred() {
        return choose(Adjacency.PREFERRED, 0);
    }

    @Benchmark
    public Object anywhere() {
        return choose(Adjacency.NONE, 0);
    }

    /** As after a lost race: on average the eighth choice. */
    @Benchmark
    public Object spread() {
        return choose(Adjacency.PREFERRED, ++spread);
    }

    private Object choose(Adjacency adjacency, long spreadBy) {
        return Chooser.choose(plan, seats, new Wanted(count, null, adjacency, false), OrphanRule.REFUSE, spreadBy);
    }

    /** Five sections abreast, two deep, each with an aisle in the middle; metres. */
    private static VenueMap map() {
        var sections = IntStream.range(0, SECTIONS)
                .mapToObj(section -> new Section(
                        "S" + section,
                        IntStream.range(0, ROWS)
                                .mapToObj(row -> row(section, row))
                                .toList()))
                .toList();
        return new VenueMap(new Point(0, 0), sections, List.of());
    }

    private static Row row(int section, int row) {
        int abreast = section % 5 - 2;
        int deep = section / 5;
        var seats = IntStream.range(0, SEATS)
                .mapToObj(number -> new Seat(
                        "S" + section + "-" + row + "-" + number,
                        String.valueOf(number),
                        "A",
                        false,
                        false,
                        false,
                        number == SEATS / 2,
                        abreast * 24.0 + (number - SEATS / 2) * 0.5 + (number < SEATS / 2 ? 0 : 1),
                        10 + deep * 55.0 + row))
                .toList();
        return new Row(String.valueOf(row), Row.Kind.ROW, false, seats);
    }
}
