package dev.holdfast.server;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

import static dev.holdfast.server.TestServer.newKey;
import static dev.holdfast.server.TestServer.newSku;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/** Products and locations as people write, edit and find them. */
@ExtendWith(SharedServer.class)
final class CatalogueTest {
    private final TestServer server;

    CatalogueTest(TestServer server) {
        this.server = server;
    }

    private static String product(String name, String... skus) {
        return "{\"name\": \"" + name + "\", \"skus\": ["
                + Stream.of(skus)
                        .map(sku ->
                                "{\"sku\": \"" + sku + "\", \"price\": {\"amountMinor\": 1299, \"currency\": \"EUR\"}}")
                        .collect(Collectors.joining(", "))
                + "]}";
    }

    private Reply create(String name, String... skus) {
        Reply reply = server.postNew("/v1/products", product(name, skus));
        assertThat(reply.status()).as(reply.text()).isEqualTo(201);
        return reply;
    }

    private static String path(Reply product) {
        return "/v1/products/" + product.at("/id");
    }

    private void become(Reply product, String transition) {
        Reply reply = server.send("POST", path(product) + "/" + transition, null);
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    }

    @Test
    void aProductIsWhatWasWritten() {
        String sku = newSku();
        Reply created = server.postNew("/v1/products", """
                {"name": "T-shirt", "description": "Soft.\\nWarm.", "attributes": {"fabric": "cotton"},
                 "images": ["https://img.example/a.jpg"],
                 "skus": [{"sku": "%s", "name": "M", "price": {"amountMinor": 1299, "currency": "EUR"},
                           "gtin": "4006381333931", "attributes": {"size": "M"}}]}""".formatted(sku));

        assertThat(created.status()).as(created.text()).isEqualTo(201);
        assertThat(created.header("Location")).isEqualTo(path(created));
        assertThat(created.header("ETag")).isEqualTo("\"0\"");
        assertThat(created.at("/lifecycle")).isEqualTo("DRAFT");
        Reply read = server.get(path(created));
        assertThat(read.json()).isEqualTo(created.json());
        assertThat(read.at("/description")).isEqualTo("Soft.\nWarm.");
        assertThat(read.json().at("/skus/0").toString()).isEqualTo("""
                {"sku":"%s","name":"M","price":{"amountMinor":1299,"currency":"EUR"},"gtin":"4006381333931",\
                "attributes":{"size":"M"}}""".formatted(sku));
        assertThat(read.header("Cache-Control")).isEqualTo("public, max-age=30");
        assertThat(server.get(path(created), "If-None-Match", "\"0\"").status()).isEqualTo(304);
    }

    @Test
    void theSameKeyIsTheSameProduct() {
        String key = newKey();
        String body = product("Mug", newSku());
        Reply first = server.post("/v1/products", body, "Idempotency-Key", key);

        Reply again = server.post("/v1/products", body, "Idempotency-Key", key);
        Reply other = server.post("/v1/products", product("Mug", newSku()), "Idempotency-Key", key);

        assertThat(again.status()).isEqualTo(201);
        assertThat(again.header("Idempotent-Replayed")).isEqualTo("true");
        assertThat(again.json()).isEqualTo(first.json());
        assertThat(other.status() + other.code()).isEqualTo("422idempotency-key-reused");
    }

    @Test
    void whoEditsAnOldVersionIsToldWhatChangedMeanwhile() {
        String sku = newSku();
        String other = newSku();
        Reply read = create("Mug", sku, other);
        String anns = product("Ann's mug", sku);
        String bobs = product("Bob's mug", sku, other).replace("1299", "999");

        Reply ann = server.put(path(read), anns, "If-Match", read.header("ETag"));
        Reply bob = server.put(path(read), bobs, "If-Match", read.header("ETag"));

        assertThat(ann.status()).as(ann.text()).isEqualTo(200);
        assertThat(ann.header("ETag")).isEqualTo("\"1\"");
        assertThat(bob.status()).isEqualTo(412);
        assertThat(bob.code()).isEqualTo("version-changed");
        assertThat(bob.header("ETag")).isEqualTo("\"1\"");
        assertThat(bob.number("/currentVersion")).isEqualTo(1);
        assertThat(bob.json().at("/changed").toString()).isEqualTo("""
                [{"field":"name","current":"Ann's mug"},{"field":"skus","current":["%s"]}]""".formatted(sku));
        assertThat(server.get(path(read)).at("/name")).isEqualTo("Ann's mug");

        Reply decidedAgain = server.put(path(read), bobs, "If-Match", bob.header("ETag"));
        Reply late = server.put(path(read), anns, "If-Match", "\"1\"");

        assertThat(decidedAgain.status()).isEqualTo(200);
        assertThat(late.json().at("/changed").toString()).isEqualTo("""
                [{"field":"name","current":"Bob's mug"},{"field":"skus","current":["%s","%s"]},\
                {"field":"skus[%s].price","current":{"amountMinor":999,"currency":"EUR"}}]""".formatted(sku, other, sku));
    }

    /** What each edit changed is not kept for ever. */
    @Test
    void whoEditsAVersionOfLongAgoIsToldThatAllMayHaveChanged() {
        String sku = newSku();
        Reply read = create("Mug", sku);
        for (int i = 1; i <= 101; i++) {
            assertThat(server.put(path(read), product("Mug " + i, sku), "If-Match", "*")
                            .status())
                    .isEqualTo(200);
        }

        assertThat(fieldsChanged(server.put(path(read), product("Mine", sku), "If-Match", "\"1\"")))
                .containsExactly("name");
        assertThat(fieldsChanged(server.put(path(read), product("Mine", sku), "If-Match", "\"0\"")))
                .contains("name", "lifecycle", "skus[" + sku + "].price");
    }

    private static List<String> fieldsChanged(Reply stale) {
        assertThat(stale.status()).isEqualTo(412);
        return stale.json().at("/changed").values().stream()
                .map(changed -> changed.path("field").asString())
                .toList();
    }

    @Test
    void ofManyWhoEditAtOnceOneWins() throws Exception {
        String sku = newSku();
        Reply read = create("Mug", sku);
        List<Callable<Reply>> editors = IntStream.range(0, 20)
                .mapToObj(i -> (Callable<Reply>)
                        () -> server.put(path(read), product("Mug " + i, sku), "If-Match", read.header("ETag")))
                .toList();
        List<Integer> statuses = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Reply> answer : threads.invokeAll(editors)) {
                statuses.add(answer.get().status());
            }
        }

        assertThat(statuses).filteredOn(status -> status == 200).hasSize(1);
        assertThat(statuses).filteredOn(status -> status == 412).hasSize(19);
        assertThat(server.get(path(read)).number("/version")).isEqualTo(1);
    }

    @Test
    void writingTheSameChangesNothing() {
        String sku = newSku();
        Reply created = create("Mug", sku);

        Reply same = server.put(path(created), product("Mug", sku), "If-Match", "*");

        assertThat(same.status()).isEqualTo(200);
        assertThat(same.json()).isEqualTo(created.json());
    }

    @ParameterizedTest
    @CsvSource({
        "'',                    activate,    200, ACTIVE",
        "'',                    pause,       409, DRAFT",
        "'',                    discontinue, 409, DRAFT",
        "activate,              activate,    200, ACTIVE",
        "activate,              pause,       200, PAUSED",
        "activate,              discontinue, 200, DISCONTINUED",
        "activate pause,        activate,    200, ACTIVE",
        "activate pause,        pause,       200, PAUSED",
        "activate pause,        discontinue, 200, DISCONTINUED",
        "activate discontinue,  activate,    409, DISCONTINUED",
        "activate discontinue,  pause,       409, DISCONTINUED",
        "activate discontinue,  discontinue, 200, DISCONTINUED",
    })
    void lifecyclesHaveOneTable(String before, String transition, int status, String after) {
        Reply product = create("Mug", newSku());
        Stream.of(before.split(" ")).filter(step -> !step.isEmpty()).forEach(step -> become(product, step));

        Reply reply = server.send("POST", path(product) + "/" + transition, null);

        assertThat(reply.status()).as(reply.text()).isEqualTo(status);
        assertThat(reply.code()).isEqualTo(status == 409 ? "illegal-transition" : "");
        assertThat(server.get(path(product)).at("/lifecycle")).isEqualTo(after);
    }

    @Test
    void onlyADraftIsDeleted() {
        String sku = newSku();
        Reply draft = create("Mug", sku);
        Reply sold = create("Mug", newSku());
        become(sold, "activate");

        assertThat(server.send("DELETE", path(draft), null).code()).isEqualTo("if-match-required");
        assertThat(server.send("DELETE", path(draft), null, "If-Match", "\"7\"").code())
                .isEqualTo("version-changed");
        assertThat(server.send("DELETE", path(draft), null, "If-Match", "\"0\"").status())
                .isEqualTo(204);
        assertThat(server.get(path(draft)).code()).isEqualTo("unknown-product");
        assertThat(server.send("DELETE", path(draft), null, "If-Match", "*").code())
                .isEqualTo("unknown-product");
        assertThat(server.send("DELETE", path(sold), null, "If-Match", "*").code())
                .isEqualTo("illegal-transition");
        create("Another", sku);
    }

    @Test
    void aSkuBelongsToOneProduct() {
        String sku = newSku();
        Reply first = create("Mug", sku);
        Reply second = create("Cup", newSku());

        Reply created = server.postNew("/v1/products", product("Other", sku));
        Reply replaced = server.put(path(second), product("Cup", newSku(), sku), "If-Match", "*");

        for (Reply reply : List.of(created, replaced)) {
            assertThat(reply.status() + reply.code()).isEqualTo("409sku-taken");
            assertThat(reply.at("/owners/" + sku)).isEqualTo(first.at("/id"));
        }
    }

    @Test
    void skusComeAndGoAndKeepTheirOrder() {
        String a = newSku();
        String b = newSku();
        String c = newSku();
        Reply product = create("Mug", a, b);

        Reply replaced = server.put(path(product), product("Mug", c, a), "If-Match", "*");

        assertThat(skus(replaced)).containsExactly(c, a);
        assertThat(skus(server.get(path(product)))).containsExactly(c, a);
        create("Cup", b);
    }

    private static List<String> skus(Reply product) {
        return product.json().at("/skus").values().stream()
                .map(sku -> sku.path("sku").asString())
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"96385074", "40170725", "036000291452", "4006381333931", "00012345600012", "00000000"})
    void aGtinWithItsCheckDigitIsTaken(String gtin) {
        assertThat(withGtin(gtin).status()).isEqualTo(201);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "9638507",
                "96385075",
                "036000291453",
                "4006381333932",
                "4006381339331",
                "00012345600013",
                "400638133393",
                "40063813339311",
                "123456789",
                "4006381333931 ",
                "400638133393X",
                "４００６３８１３３３９３１"
            })
    void anyOtherIsNot(String gtin) {
        Reply reply = withGtin(gtin);

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.at("/violations/0/field")).isEqualTo("skus[0].gtin");
    }

    private Reply withGtin(String gtin) {
        return server.postNew("/v1/products", """
                {"name": "Mug", "skus": [{"sku": "%s", "gtin": "%s"}]}""".formatted(newSku(), gtin));
    }

    /** Body with ' for " and $ for a new SKU | the one field that is wrong. */
    static Stream<Arguments> violations() {
        String sku = "'skus': [{'sku': '$'}]";
        return Stream.of(
                arguments("{'skus': [{'sku': '$'}]}", "name"),
                arguments("{'name': '', " + sku + "}", "name"),
                arguments("{'name': 7, " + sku + "}", "name"),
                arguments("{'name': 'a\\nb', " + sku + "}", "name"),
                arguments("{'name': '" + "x".repeat(201) + "', " + sku + "}", "name"),
                arguments("{'name': 'x', 'description': 7, " + sku + "}", "description"),
                arguments("{'name': 'x', 'description': 'a\\u0000', " + sku + "}", "description"),
                arguments("{'name': 'x', 'description': '" + "x".repeat(10_001) + "', " + sku + "}", "description"),
                arguments("{'name': 'x', 'attributes': [], " + sku + "}", "attributes"),
                arguments("{'name': 'x', 'attributes': {'': 'x'}, " + sku + "}", "attributes"),
                arguments("{'name': 'x', 'attributes': {'a': 7}, " + sku + "}", "attributes.a"),
                arguments("{'name': 'x', 'attributes': {'a': null}, " + sku + "}", "attributes.a"),
                arguments(
                        "{'name': 'x', 'attributes': {"
                                + IntStream.range(0, 51)
                                        .mapToObj(i -> "'a" + i + "': ''")
                                        .collect(Collectors.joining(", "))
                                + "}, " + sku + "}",
                        "attributes"),
                arguments("{'name': 'x', 'images': 'https://a.example', " + sku + "}", "images"),
                arguments("{'name': 'x', 'images': ['ftp://a.example'], " + sku + "}", "images[0]"),
                arguments("{'name': 'x', 'images': ['javascript:alert(1)'], " + sku + "}", "images[0]"),
                arguments("{'name': 'x', 'images': ['https://a.example', 7], " + sku + "}", "images[1]"),
                arguments("{'name': 'x', 'lifecycle': 'ACTIVE', " + sku + "}", "lifecycle"),
                arguments("{'name': 'x'}", "skus"),
                arguments("{'name': 'x', 'skus': []}", "skus"),
                arguments("{'name': 'x', 'skus': [{}]}", "skus[0].sku"),
                arguments("{'name': 'x', 'skus': [{'sku': ' '}]}", "skus[0].sku"),
                arguments("{'name': 'x', 'skus': [{'sku': '$'}, {'sku': '$'}]}", "skus[1].sku"),
                arguments("{'name': 'x', 'skus': [{'sku': '$', 'name': 7}]}", "skus[0].name"),
                arguments("{'name': 'x', 'skus': [{'sku': '$', 'price': 7}]}", "skus[0].price"),
                arguments(
                        "{'name': 'x', 'skus': [{'sku': '$', 'price': {'currency': 'EUR'}}]}",
                        "skus[0].price.amountMinor"),
                arguments(
                        "{'name': 'x', 'skus': [{'sku': '$', 'price': {'amountMinor': 1}}]}", "skus[0].price.currency"),
                arguments(
                        "{'name': 'x', 'skus': [{'sku': '$', 'price': {'amountMinor': -1, 'currency': 'EUR'}}]}",
                        "skus[0].price.amountMinor"),
                arguments(
                        "{'name': 'x', 'skus': [{'sku': '$', 'price': {'amountMinor': 1.5, 'currency': 'EUR'}}]}",
                        "skus[0].price.amountMinor"),
                arguments(
                        "{'name': 'x', 'skus': [{'sku': '$', 'price': {'amountMinor': 1, 'currency': 'EUX'}}]}",
                        "skus[0].price.currency"),
                arguments(
                        "{'name': 'x', 'skus': [{'sku': '$', 'price': {'amountMinor': 1, 'currency': 'eur'}}]}",
                        "skus[0].price.currency"),
                arguments(
                        "{'name': 'x', 'skus': [{'sku': '$', 'price': {'amountMinor': 1, 'currency': 'EUR', 'x': 1}}]}",
                        "skus[0].price.x"),
                arguments("{'name': 'x', 'skus': [{'sku': '$', 'gtin': 4006381333931}]}", "skus[0].gtin"),
                arguments("{'name': 'x', 'skus': [{'sku': '$', 'attributes': {'a': []}}]}", "skus[0].attributes.a"),
                arguments("{'name': 'x', 'skus': [{'sku': '$', 'stock': 5}]}", "skus[0].stock"));
    }

    @ParameterizedTest
    @MethodSource("violations")
    void whatIsWrongIsNamedByItsField(String template, String field) {
        Reply reply = server.postNew("/v1/products", template.replace('\'', '"').replace("$", newSku()));

        assertThat(reply.status()).as(reply.text()).isEqualTo(400);
        assertThat(reply.code()).isEqualTo("invalid-request");
        assertThat(reply.json().at("/violations").values().stream()
                        .map(violation -> violation.path("field").asString()))
                .containsExactly(field);
    }

    @ParameterizedTest
    @CsvSource({
        "GET,    /v1/products?limit=0,          limit",
        "GET,    /v1/products?limit=201,        limit",
        "GET,    /v1/products?q=,               q",
        "GET,    /v1/products?q=%00,            q",
        "GET,    /v1/products?lifecycle=active, lifecycle",
        "GET,    /v1/products?sku=,             sku",
        "GET,    /v1/products?cursor=bogus,     cursor",
        "GET,    /v1/products?cursor=,          cursor",
        "GET,    /v1/products?page=2,           page",
        "GET,    /v1/products/7,                id",
        "POST,   /v1/products/7/activate,       id",
        "DELETE, /v1/products/7,                id",
        "GET,    /v1/locations?limit=501,       limit",
        "GET,    /v1/locations?cursor=,         cursor",
        "GET,    /v1/locations/%20,             code",
        "DELETE, /v1/locations/%20,             code",
    })
    void whatIsWrongWithAPathIsNamed(String method, String path, String field) {
        Reply reply = server.send(method, path, null, "If-Match", "*");

        assertThat(reply.status()).as(reply.text()).isEqualTo(400);
        assertThat(reply.at("/violations/0/field")).isEqualTo(field);
    }

    @Test
    void anEditNeedsAVersion() {
        Reply product = create("Mug", newSku());

        Reply none = server.put(path(product), product("Mug", newSku()));
        Reply wrong = server.put(path(product), product("Mug", newSku()), "If-Match", "0");
        Reply never = server.put(path(product), product("Mug", newSku()), "If-Match", "\"7\"");
        Reply unknown = server.put("/v1/products/" + UUID.randomUUID(), product("Mug", newSku()), "If-Match", "*");

        assertThat(none.status() + none.code()).isEqualTo("428if-match-required");
        assertThat(wrong.status() + wrong.code()).isEqualTo("400invalid-request");
        assertThat(never.status() + never.code()).isEqualTo("412version-changed");
        assertThat(never.json().at("/changed").isEmpty()).isTrue();
        assertThat(unknown.status() + unknown.code()).isEqualTo("404unknown-product");
    }

    private static String batched(UUID id, String more, String name, String... skus) {
        return product(name, skus).replaceFirst("\\{", "{\"id\": \"" + id + "\", " + more);
    }

    private List<String> upsert(String... products) {
        Reply reply = server.put("/v1/products/batch", "{\"products\": [" + String.join(", ", products) + "]}");
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        return reply.json().at("/results").values().stream()
                .map(result -> result.path("status").asInt() + " "
                        + result.at("/problem/code")
                                .asString(result.path("version").toString()))
                .toList();
    }

    @Test
    void aBatchIsEachForItself() {
        UUID a = UUID.randomUUID();
        UUID b = UUID.randomUUID();
        String skuA = newSku();
        String skuB = newSku();
        String active = "\"lifecycle\": \"ACTIVE\", ";

        assertThat(upsert(
                        batched(a, active, "A", skuA),
                        "{\"id\": \"7\", \"name\": \"x\"}",
                        "7",
                        batched(UUID.randomUUID(), "", "Without SKUs"),
                        batched(b, "", "B", skuB),
                        batched(UUID.randomUUID(), "\"expectedVersion\": 0, ", "Gone", newSku())))
                .containsExactly(
                        "201 0",
                        "400 invalid-request",
                        "400 invalid-request",
                        "400 invalid-request",
                        "201 0",
                        "404 unknown-product");
        assertThat(upsert(
                        batched(a, "", "A again", skuA),
                        batched(b, "\"expectedVersion\": 7, ", "B again", skuB),
                        batched(UUID.randomUUID(), "", "Thief", skuB)))
                .containsExactly("200 1", "412 version-changed", "409 sku-taken");
        assertThat(upsert(batched(a, "", "A again", skuA), batched(b, "\"lifecycle\": \"PAUSED\", ", "B", skuB)))
                .containsExactly("200 1", "409 illegal-transition");
        assertThat(server.get("/v1/products/" + a).at("/lifecycle")).isEqualTo("ACTIVE");
    }

    @Test
    void elementsOfABatchThatTouchOneAnotherAreWrittenInTheirOrder() {
        UUID a = UUID.randomUUID();
        UUID b = UUID.randomUUID();
        String sku = newSku();
        String other = newSku();

        assertThat(upsert(batched(a, "", "A", sku), batched(a, "", "A2", sku), batched(b, "", "B", sku)))
                .containsExactly("201 0", "200 1", "409 sku-taken");
        assertThat(upsert(batched(a, "", "A3", other), batched(b, "", "B", sku)))
                .containsExactly("200 2", "201 0");
    }

    @Test
    void aThousandProductsAreOneBatch() {
        String[] products = IntStream.range(0, 1_000)
                .mapToObj(i -> batched(UUID.randomUUID(), "", "Bulk " + i, newSku(), newSku()))
                .toArray(String[]::new);

        assertThat(upsert(products)).hasSize(1_000).containsOnly("201 0");
        assertThat(upsert(products)).hasSize(1_000).containsOnly("200 0");
    }

    private List<String> found(String query) {
        Reply reply = server.get("/v1/products?" + query);
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        return reply.json().at("/data").values().stream()
                .map(product -> product.path("name").asString())
                .toList();
    }

    @Test
    void productsAreFoundByWordsPartsAndNearMisses() {
        String sku = "QX" + newSku();
        create("Wanderstiefel Alpenglück", sku);
        create("Socken für Wanderstiefel-Freunde", newSku());

        assertThat(found("q=wanderstiefel")).hasSize(2);
        assertThat(found("q=alpengl%C3%BCck")).containsExactly("Wanderstiefel Alpenglück");
        assertThat(found("q=wanderstiefel+-socken")).containsExactly("Wanderstiefel Alpenglück");
        assertThat(found("q=wanderstifel")).hasSize(2); // a typing error
        assertThat(found("q=Alpengl")).containsExactly("Wanderstiefel Alpenglück");
        assertThat(found("q=" + sku).getFirst()).isEqualTo("Wanderstiefel Alpenglück");
        assertThat(found("sku=" + sku)).containsExactly("Wanderstiefel Alpenglück");
        assertThat(found("sku=" + sku + "&lifecycle=ACTIVE")).isEmpty();
        assertThat(found("sku=" + sku + "&lifecycle=DRAFT")).hasSize(1);
        assertThat(found("q=zzzzqqqq")).isEmpty();
        assertThat(found("q=%25_'%22%5C")).isEmpty();
    }

    @Test
    void aListShowsWhatMayBePromised() {
        String sku = server.receive(7);
        String never = newSku();
        create("Mug", sku, never);

        Reply page = server.get("/v1/products?sku=" + sku);

        JsonNode skus = page.json().at("/data/0/skus");
        assertThat(skus.at("/0/available").longValue()).isEqualTo(7);
        assertThat(skus.at("/1/available").longValue()).isZero();
        String etag = page.header("ETag");
        assertThat(server.get("/v1/products?sku=" + sku, "If-None-Match", etag).status())
                .isEqualTo(304);
        server.postNew("/v1/holds", "{\"lines\": [{\"sku\": \"" + never + "\", \"quantity\": 1}]}");
        server.receive(sku, "main", 1);
        Reply moved = server.get("/v1/products?sku=" + sku, "If-None-Match", etag);
        assertThat(moved.number("/data/0/skus/0/available")).isEqualTo(8);
    }

    @Test
    void aLocationIsWrittenReadAndDeleted() {
        String path = "/v1/locations/Shop%2F" + newSku();
        String body = """
                {"name": "Shop", "kind": "STORE", "priority": 5, "latitude": 52.52, "longitude": 13.4}""";

        Reply created = server.put(path, body);
        assertThat(created.status()).as(created.text()).isEqualTo(201);
        assertThat(created.header("ETag")).isEqualTo("\"0\"");
        assertThat(server.get(path).json()).isEqualTo(created.json());
        assertThat(server.get(path, "If-None-Match", "\"0\"").status()).isEqualTo(304);

        assertThat(server.put(path, body).code()).isEqualTo("if-match-required");
        Reply changed = server.put(path, body.replace("5,", "6,"), "If-Match", "\"0\"");
        assertThat(changed.status() + changed.header("ETag")).isEqualTo("200\"1\"");
        Reply stale = server.put(path, body, "If-Match", "\"0\"");
        assertThat(stale.status() + stale.code()).isEqualTo("412version-changed");
        assertThat(stale.number("/location/priority")).isEqualTo(6);

        assertThat(server.send("DELETE", path, null).code()).isEqualTo("if-match-required");
        assertThat(server.send("DELETE", path, null, "If-Match", "\"0\"").code())
                .isEqualTo("version-changed");
        assertThat(server.send("DELETE", path, null, "If-Match", "\"1\"").status())
                .isEqualTo(204);
        assertThat(server.get(path).code()).isEqualTo("unknown-location");
        assertThat(server.put(path, body, "If-Match", "*").code()).isEqualTo("unknown-location");
    }

    @Test
    void locationsAreListedInPages() {
        String prefix = "zz-" + newSku() + "-";
        for (int i = 0; i < 5; i++) {
            server.put("/v1/locations/" + prefix + i, "{\"name\": \"n\", \"kind\": \"TILL\", \"priority\": 0}");
        }
        Reply first = server.get("/v1/locations?limit=2&cursor=" + prefix);
        Reply second = server.get("/v1/locations?limit=3&cursor=" + first.at("/nextCursor"));

        assertThat(first.json().at("/data").values().stream()
                        .map(l -> l.path("code").asString()))
                .containsExactly(prefix + 0, prefix + 1);
        assertThat(second.json().at("/data").values().stream()
                        .map(l -> l.path("code").asString()))
                .containsExactly(prefix + 2, prefix + 3, prefix + 4);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'kind': 'STORE', 'priority': 1}                                         | name",
                "{'name': 'x', 'priority': 1}                                             | kind",
                "{'name': 'x', 'kind': 'store', 'priority': 1}                            | kind",
                "{'name': 'x', 'kind': 'STORE'}                                           | priority",
                "{'name': 'x', 'kind': 'STORE', 'priority': -1}                           | priority",
                "{'name': 'x', 'kind': 'STORE', 'priority': 1, 'latitude': 90.1, 'longitude': 0}  | latitude",
                "{'name': 'x', 'kind': 'STORE', 'priority': 1, 'latitude': '1', 'longitude': 0}   | latitude",
                "{'name': 'x', 'kind': 'STORE', 'priority': 1, 'latitude': 1, 'longitude': -181}  | longitude",
                "{'name': 'x', 'kind': 'STORE', 'priority': 1, 'latitude': 1}             | ``",
                "{'name': 'x', 'kind': 'STORE', 'priority': 1, 'code': 'x'}               | code",
            })
    void whatIsWrongWithALocationIsNamed(String template, String field) {
        Reply reply = server.put("/v1/locations/" + newSku(), template.replace('\'', '"'));

        assertThat(reply.status()).as(reply.text()).isEqualTo(400);
        assertThat(reply.at("/violations/0/field")).isEqualTo(field);
    }
}
