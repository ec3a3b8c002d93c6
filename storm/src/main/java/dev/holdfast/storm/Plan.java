package dev.holdfast.storm;

import dev.holdfast.storm.Intent.Ending;
import dev.holdfast.storm.Intent.Repeat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Everything a run will do, fixed by scenario and seed before the first request is sent. The run id only keeps the names
 * of two runs apart; which buyer wants what does not depend on it.
 */
record Plan(Scenario scenario, String runId, Supply supply) {

    static Plan of(Scenario scenario, String runId) {
        var skus = IntStream.rangeClosed(1, scenario.skus())
                .mapToObj(i -> "storm-%d-%s-%d".formatted(scenario.seed(), runId, i))
                .toList();
        return new Plan(scenario, runId, spread(scenario.units(), skus));
    }

    /** Evenly, the remainder one each to the first. */
    static Supply spread(long units, List<String> skus) {
        var all = new LinkedHashMap<String, Long>();
        for (int i = 0; i < skus.size(); i++) {
            all.put(skus.get(i), units / skus.size() + (i < units % skus.size() ? 1 : 0));
        }
        return new Supply(all);
    }

    List<Intent> intents() {
        var skus = supply.skus();
        return IntStream.range(0, scenario.buyers())
                .mapToObj(buyer -> intent(buyer, skus))
                .toList();
    }

    private Intent intent(int buyer, List<String> skus) {
        // One generator a buyer: what a buyer does depends on the seed alone, not on how many others there are.
        var random = new SplittableRandom(scenario.seed() * 0x9E37_79B9_7F4A_7C15L + buyer);
        var cart = distinct(scenario.lines(), skus, random);
        var repeat = repeat(random.nextDouble(), random.nextInt(3));
        var ending = ending(random.nextDouble());
        // The run id is in the key, so that two runs with one seed at the same millisecond do not share keys.
        return new Intent(buyer, cart, repeat, ending, random.nextLong() ^ runId.hashCode(), random.nextLong());
    }

    private Repeat repeat(double draw, int kind) {
        if (draw >= scenario.duplicates().fraction()) {
            return Repeat.ONCE;
        }
        return switch (kind) {
            case 0 -> Repeat.TOGETHER;
            case 1 -> Repeat.AFTER;
            default -> Repeat.LOST;
        };
    }

    private Ending ending(double draw) {
        double confirm = scenario.confirm().fraction();
        double release = confirm + scenario.release().fraction();
        double abandon = release + scenario.abandon().fraction();
        if (draw < confirm) {
            return Ending.CONFIRM;
        }
        if (draw < release) {
            return Ending.RELEASE;
        }
        return draw < abandon ? Ending.ABANDON : Ending.EXTEND;
    }

    /** A sample without repetition; the order of its lines is random too, as carts are. */
    static List<String> distinct(int count, List<String> skus, SplittableRandom random) {
        var moved = new LinkedHashMap<Integer, Integer>(); // a Fisher–Yates shuffle that stores only what it moved
        return IntStream.range(0, count)
                .mapToObj(i -> {
                    int j = random.nextInt(i, skus.size());
                    int chosen = moved.getOrDefault(j, j);
                    moved.put(j, moved.getOrDefault(i, i));
                    return skus.get(chosen);
                })
                .toList();
    }
}
