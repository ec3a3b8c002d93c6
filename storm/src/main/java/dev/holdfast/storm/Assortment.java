package dev.holdfast.storm;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.stream.IntStream;

/** The products of one run, as they are put on sale; ids, names and SKUs are no other run's. */
record Assortment(List<Item> items) {

    static final int BATCH = 200; // × 20 SKUs × ~150 bytes = 600 KB a request
    static final long PRICE_MINOR_MAX = 1_000_000;
    private static final int SHELF = 20; // products that share a word

    /**
     * @param shelf those with the same number
     * @param word that the names of its shelf share, and nothing else
     * @param pricesMinor by SKU, as they are at first
     */
    record Item(UUID id, String name, int shelf, String word, Map<String, Long> pricesMinor) {

        List<String> skus() {
            return List.copyOf(pricesMinor.keySet());
        }
    }

    /** @param skus of each product */
    static Assortment of(int products, int skus, long seed, String runId) {
        var random = new SplittableRandom(seed);
        // Chance of this run too: a seed used twice must not make the same products.
        var ids = new SplittableRandom(seed ^ runId.hashCode());
        return new Assortment(IntStream.range(0, products)
                .mapToObj(i -> {
                    int shelf = i / SHELF;
                    var word = "r" + runId + "s" + shelf;
                    var prices = new LinkedHashMap<String, Long>();
                    for (int sku = 0; sku < skus; sku++) {
                        var name = "storm-%d-%s-%d".formatted(seed, runId, i * skus + sku + 1);
                        prices.put(name, random.nextLong(1, PRICE_MINOR_MAX));
                    }
                    var id = Uuid7.of(System.currentTimeMillis(), ids.nextLong(), ids.nextLong());
                    return new Item(id, "Storm product %d, shelf %s".formatted(i + 1, word), shelf, word, prices);
                })
                .toList());
    }

    List<String> skus() {
        return items.stream().flatMap(item -> item.skus().stream()).toList();
    }

    /** All that stand on the same shelf. */
    List<Item> shelf(int number) {
        return items.subList(number * SHELF, Math.min(items.size(), (number + 1) * SHELF));
    }
}
