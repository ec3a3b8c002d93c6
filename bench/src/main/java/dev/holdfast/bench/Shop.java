package dev.holdfast.bench;

import dev.holdfast.engine.Command.Receive;
import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Quantity;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.engine.StockKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.hc.core5.http.HttpException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/** Products on sale, with stock, as a server has them. */
record Shop(List<UUID> products, List<String> skus) {
    private static final int BATCH = 500; // × 5 SKUs × ~90 bytes = 270 KB a request

    /** Puts them on sale over HTTP, and receives so many units of each SKU. */
    static Shop fill(HttpClients clients, StockEngine engine, int products, int skusEach, Quantity units)
            throws IOException, HttpException, InterruptedException {
        var shop = new Shop(new ArrayList<>(products), new ArrayList<>(products * skusEach));
        var run = IdempotencyKey.randomUuidV7();
        for (int from = 0; from < products; from += BATCH) {
            shop.add(clients, engine, Math.min(BATCH, products - from), skusEach, units, run);
        }
        return shop;
    }

    private void add(HttpClients clients, StockEngine engine, int count, int skusEach, Quantity units, UUID run)
            throws IOException, HttpException, InterruptedException {
        var body = JsonNodeFactory.instance.objectNode();
        var batch = body.putArray("products");
        var receipts = new ArrayList<Receive>();
        for (int i = 0; i < count; i++) {
            var id = IdempotencyKey.randomUuidV7();
            products.add(id);
            var product = batch.addObject()
                    .put("id", id.toString())
                    .put("lifecycle", "ACTIVE")
                    .put("name", "Product " + products.size());
            product.putObject("attributes").put("colour", "red");
            var variants = product.putArray("skus");
            for (int j = 0; j < skusEach; j++) {
                var sku = "SKU-" + run + "-" + (skus.size() + 1);
                skus.add(sku);
                var variant = variants.addObject().put("sku", sku).put("name", "Size " + (j + 1));
                variant.putObject("price").put("amountMinor", 1_999).put("currency", "EUR");
                receipts.add(new Receive(IdempotencyKey.random(), StockKey.of(sku), units, "bench"));
            }
        }
        int status = clients.put("/v1/products/batch", body.toString().getBytes(StandardCharsets.UTF_8));
        if (status != 200) {
            throw new IllegalStateException("PUT /v1/products/batch answered " + status);
        }
        engine.executeAll(receipts);
    }

    /** A page of a list. */
    record Listed(String etag, String cursor) {}

    /** @param cursor of the page before; empty: the first */
    static Listed list(HttpClients clients, String path, String cursor)
            throws IOException, HttpException, InterruptedException {
        var page = clients.read(path + cursor);
        var next = JsonMapper.shared().readTree(page.body()).path("nextCursor");
        return new Listed(page.etag(), next.isString() ? "&cursor=" + next.asString() : "");
    }
}
