package dev.holdfast.server.catalog;

import dev.holdfast.engine.Sku;
import dev.holdfast.server.api.Digest;
import dev.holdfast.server.api.Json;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * A product in a list as JSON, with a hole for each number of availability, which is not cached with it.
 *
 * @param holes where the numbers go, each in the place of one byte
 * @param skus whose numbers they are
 * @param digest of all else it says
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
record ListedJson(byte[] json, int[] holes, List<Sku> skus, long digest) {
    /** What is before a hole, and what is in it: no text of a product can look so, because its quotes are escaped. */
    private static final byte[] HOLE = "\"available\":0".getBytes(StandardCharsets.US_ASCII);

    /** @param product with nothing available */
    static ListedJson of(ListedProduct product) {
        byte[] json = Json.write(product);
        var skus = product.skus().stream().map(sku -> new Sku(sku.sku())).toList();
        return new ListedJson(json, holes(json, skus.size()), skus, Digest.of(json));
    }

    private static int[] holes(byte[] json, int count) {
        int[] holes = new int[count];
        int found = 0;
        for (int i = 0; i + HOLE.length < json.length; i++) {
            if (json[i] == '"' && Arrays.equals(json, i, i + HOLE.length, HOLE, 0, HOLE.length)) {
                if (found == count) {
                    throw new IllegalArgumentException("more holes than SKUs");
                }
                holes[found++] = i + HOLE.length - 1;
            }
        }
        if (found < count) {
            throw new IllegalArgumentException("a SKU without a number");
        }
        return holes;
    }
}
