package dev.holdfast.bench;

import dev.holdfast.engine.Line;
import dev.holdfast.engine.Quantity;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

/** What is bought, and how the wishes fall on it. */
enum Scenario {
    HOT("hot", "hot SKU", "everybody wants the same SKU, of which there is plenty", 1, Quantity.MAX),
    MANY("skus", "1,000 SKUs", "wishes fall evenly on 1,000 SKUs", 1_000, Quantity.MAX),
    ZIPF("zipf", "Zipf 1.1", "10,000 SKUs, the first wanted 25,000 times as often as the last", 10_000, Quantity.MAX),
    SOLD_OUT("sold-out", "sold out", "10 units of one SKU: ten are told yes, everyone else no", 1, 10),
    CARTS("carts", "carts of 3", "3 different SKUs of 1,000 in one hold: all or none", 1_000, Quantity.MAX);

    private static final double ZIPF_EXPONENT = 1.1;

    final String id;
    final String title;
    final String about;
    final int skus;

    /** Of each SKU. */
    final long units;

    Scenario(String id, String title, String about, int skus, long units) {
        this.id = id;
        this.title = title;
        this.about = about;
        this.skus = skus;
        this.units = units;
    }

    long unitsInAll() {
        return skus * units;
    }

    int linesPerHold() {
        return this == CARTS ? 3 : 1;
    }

    /** Names nobody used before, so that no cache and no counter of an earlier run knows them. */
    Line[] lines(String run) {
        var lines = new Line[skus];
        for (int i = 0; i < skus; i++) {
            lines[i] = Line.of("%s-%s-%d".formatted(id, run, i), 1);
        }
        return lines;
    }

    /** Draws what one caller wants; cheap and without a lock. */
    Supplier<List<Line>> wishes(Line[] lines) {
        return switch (this) {
            case HOT, SOLD_OUT -> {
                var only = List.of(lines[0]);
                yield () -> only;
            }
            case MANY -> () -> List.of(lines[ThreadLocalRandom.current().nextInt(lines.length)]);
            case ZIPF -> {
                var zipf = new Zipf(lines.length, ZIPF_EXPONENT);
                yield () -> List.of(lines[zipf.rank(ThreadLocalRandom.current().nextDouble())]);
            }
            case CARTS -> () -> cart(lines);
        };
    }

    /** Three that differ: the first anywhere, the others a random way further on. */
    private static List<Line> cart(Line[] lines) {
        var random = ThreadLocalRandom.current();
        int third = lines.length / 3;
        int a = random.nextInt(lines.length);
        int b = (a + 1 + random.nextInt(third)) % lines.length;
        int c = (b + 1 + random.nextInt(third)) % lines.length;
        return List.of(lines[a], lines[b], lines[c]);
    }
}
