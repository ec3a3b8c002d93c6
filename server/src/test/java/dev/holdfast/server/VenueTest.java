package dev.holdfast.server;

import dev.holdfast.server.venue.VenueMap;
import dev.holdfast.server.venue.Venues;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;

/** Venues, and maps in and out. */
@ExtendWith(SharedServer.class)
final class VenueTest {
    private static final String CSV = "text/csv";

    private static final String SMALL = """
            section,row,number,category
            Stalls,A,1,Gold
            Stalls,A,2,Gold
            """;

    private final TestServer server;

    VenueTest(TestServer server) {
        this.server = server;
    }

    private static String named(String name) {
        return "{\"name\": \"" + name + "\"}";
    }

    /** The path of a new one. */
    private String venue() {
        Reply reply = server.post("/v1/venues", named("Town hall"));
        assertThat(reply.status()).as(reply.text()).isEqualTo(201);
        return "/v1/venues/" + reply.at("/id");
    }

    private Reply putCsv(String venue, String csv, String... headers) {
        var all = new ArrayList<>(List.of("Content-Type", CSV));
        all.addAll(List.of(headers));
        return server.put(venue + "/map", csv, all.toArray(String[]::new));
    }

    private static void assertRefused(Reply reply, int status, String code) {
        assertThat(reply.code()).as(reply.text()).isEqualTo(code);
        assertThat(reply.status()).isEqualTo(status);
    }

    @Test
    void aVenueIsCreatedOnceForItsKey() {
        String key = TestServer.newKey();

        Reply created = server.post("/v1/venues", named("Arena"), "Idempotency-Key", key);
        Reply again = server.post("/v1/venues", named("Arena"), "Idempotency-Key", key);

        assertThat(created.status()).as(created.text()).isEqualTo(201);
        assertThat(created.header("Location")).isEqualTo("/v1/venues/" + created.at("/id"));
        assertThat(created.header("ETag")).isEqualTo("\"1\"");
        assertThat(created.json().at("/map").isNull()).isTrue();
        assertThat(again.text()).isEqualTo(created.text());
        assertThat(again.header("Idempotent-Replayed")).isEqualTo("true");
        assertRefused(
                server.post("/v1/venues", named("Another"), "Idempotency-Key", key), 422, "idempotency-key-reused");
    }

    @Test
    void nobodyLosesAnEdit() {
        String venue = venue();

        Reply renamed = server.put(venue, named("City hall"), "If-Match", "\"1\"");

        assertThat(renamed.at("/name")).isEqualTo("City hall");
        assertThat(renamed.header("ETag")).isEqualTo("\"2\"");
        Reply stale = server.put(venue, named("Village hall"), "If-Match", "\"1\"");
        assertRefused(stale, 412, "version-changed");
        assertThat(stale.number("/currentVersion")).isEqualTo(2);
        assertThat(stale.at("/venue/name")).isEqualTo("City hall");
        assertRefused(server.put(venue, named("Village hall")), 428, "if-match-required");
        assertRefused(server.send("DELETE", venue, null, "If-Match", "\"1\""), 412, "version-changed");
        assertThat(server.get(venue, "If-None-Match", "\"2\"").status()).isEqualTo(304);
        assertThat(server.send("DELETE", venue, null, "If-Match", "\"2\"").status())
                .isEqualTo(204);
        assertRefused(server.get(venue), 404, "unknown-venue");
        assertRefused(server.get(venue + "/map"), 404, "unknown-venue");
        assertRefused(putCsv(venue, SMALL), 404, "unknown-venue");
    }

    @Test
    void theListHasEveryVenueOnceTheNewestFirst() {
        List<String> created = new ArrayList<>();
        IntStream.range(0, 5).forEach(_ -> created.addFirst(venue().substring("/v1/venues/".length())));

        List<String> listed = new ArrayList<>();
        String cursor = "";
        while (listed.size() < created.size()) {
            Reply page = server.get("/v1/venues?limit=2" + cursor);
            page.json().at("/data").forEach(each -> listed.add(each.path("id").asString()));
            cursor = "&cursor=" + page.at("/nextCursor");
        }

        assertThat(listed.subList(0, created.size())).isEqualTo(created);
    }

    @Test
    void aMapComesBackAsItWasSentInBothForms() {
        String venue = venue();
        Reply written = putCsv(venue, """
                section;row;kind;number;label;category;accessible;companion;aisleBefore;x;y;capacity
                ;;stage;;;;;;;0;-1,5;
                "Parkett; links";1;;1;A-1;Gold;yes;;;-0,5;0;
                "Parkett; links";1;;2;A-2;Gold;;yes;;0;0;
                "Parkett; links";1;;3;A-3;Gold;;;yes;1;0;
                Loge;T1;whole-table;1;;=Silber;;;;;;
                Loge;T1;whole-table;2;;=Silber;;;;;;
                ;;area;;Floor;Standing;;;;;;500
                """);
        assertThat(written.status()).as(written.text()).isEqualTo(200);
        assertThat(written.text()).isEqualTo("""
                {"version":1,"seats":5,"standing":500,"sections":2,"warnings":[]}""");

        Reply json = server.get(venue + "/map");
        Reply csv = server.get(venue + "/map", "Accept", CSV);

        assertThat(json.header("Content-Type")).isEqualTo("application/json");
        assertThat(json.json().at("/sections/0/name").asString()).isEqualTo("Parkett; links");
        assertThat(json.json().at("/sections/0/rows/0/seats/0").toString()).isEqualTo("""
                {"label":"A-1","number":"1","category":"Gold","accessible":true,"x":-0.5,"y":0.0}""");
        assertThat(json.json().at("/sections/1/rows/0").toString()).isEqualTo("""
                {"name":"T1","kind":"TABLE","whole":true,"seats":[\
                {"label":"Loge-T1-1","number":"1","category":"=Silber","x":-0.25,"y":0.5},\
                {"label":"Loge-T1-2","number":"2","category":"=Silber","x":0.25,"y":0.5}]}""");
        assertThat(csv.header("Content-Type")).isEqualTo("text/csv;charset=UTF-8");
        assertThat(csv.text()).contains("Parkett; links,1,row,1,A-1,Gold,yes,,,,-0.5,0,\r\n", ",'=Silber,");
        String copy = venue();
        assertThat(server.put(copy + "/map", json.text()).status()).isEqualTo(200);
        assertThat(server.get(copy + "/map").text()).isEqualTo(json.text());
        assertThat(putCsv(copy, csv.text()).number("/version")).isEqualTo(1); // the same map is no other version
        assertThat(server.get(copy + "/map", "Accept", CSV).text()).isEqualTo(csv.text());
    }

    @Test
    void everyVersionOfAMapStays() {
        String venue = venue();
        assertRefused(server.get(venue + "/map"), 404, "unknown-map");
        assertRefused(server.get(venue + "/map", "If-None-Match", "*"), 404, "unknown-map");

        assertThat(putCsv(venue, SMALL, "If-Match", "\"0\"").header("ETag")).isEqualTo("\"1\"");
        assertThat(putCsv(venue, SMALL + "Stalls,A,3,Gold\n", "If-Match", "\"1\"")
                        .header("ETag"))
                .isEqualTo("\"2\"");

        Reply stale = putCsv(venue, SMALL, "If-Match", "\"1\"");
        assertRefused(stale, 412, "version-changed");
        assertThat(stale.number("/currentVersion")).isEqualTo(2);
        assertThat(server.get(venue).at("/map")).isEmpty();
        assertThat(server.get(venue).json().at("/map").toString())
                .isEqualTo("{\"version\":2,\"seats\":3,\"standing\":0,\"sections\":1}");
        assertThat(server.get(venue + "/map").json().at("/sections/0/rows/0/seats"))
                .hasSize(3);
        Reply first = server.get(venue + "/map?version=1");
        assertThat(first.json().at("/sections/0/rows/0/seats")).hasSize(2);
        assertThat(first.header("ETag")).isEqualTo("\"1\"");
        assertThat(server.get(venue + "/map", "If-None-Match", "\"2\"").status())
                .isEqualTo(304);
        assertThat(server.get(venue + "/map", "If-None-Match", "\"1\"").status())
                .isEqualTo(200);
        assertRefused(server.get(venue + "/map?version=3"), 404, "unknown-map");
        assertRefused(server.get(venue + "/map?version=0"), 404, "unknown-map");
    }

    @Test
    void aMapWithErrorsChangesNothingAndNamesThemAll() {
        String venue = venue();
        putCsv(venue, SMALL);

        Reply csv = putCsv(venue, """
                section,row,number,category,accessible
                Stalls,A,1,Gold,
                Stalls,A,1,Gold,
                Stalls,A,,Gold,
                Stalls,A,4,,maybe
                """);
        Reply json = server.put(venue + "/map", """
                {"sections": [{"name": "S", "rows": [{"name": "1", "seats": [{"number": 1, "category": "A", "colour": "red"}]}]}]}""");

        assertRefused(csv, 400, "invalid-map");
        assertThat(violations(csv))
                .containsExactly(
                        "3 label duplicate-label", "4 number invalid", "5 accessible invalid", "5 category invalid");
        assertThat(csv.at("/detail")).startsWith("4 errors, and nothing was changed; the first: line 3: label is ");
        assertRefused(json, 400, "invalid-map");
        assertThat(violations(json))
                .containsExactlyInAnyOrder(
                        " sections[0].rows[0].seats[0].number invalid", " sections[0].rows[0].seats[0].colour invalid");
        assertThat(server.get(venue).number("/map/version")).isEqualTo(1);
        assertThat(server.get(venue).number("/version")).isEqualTo(2);
    }

    private static List<String> violations(Reply reply) {
        return reply.json().at("/violations").values().stream()
                .map(each -> each.path("line").asString("") + " "
                        + each.path("field").asString() + " "
                        + each.path("code").asString())
                .toList();
    }

    @Test
    void whatHadBetterBeOtherwiseIsSaidAndTaken() {
        Reply written = putCsv(venue(), SMALL + "Stalls,A,4,Gold\n");

        assertThat(written.json().at("/warnings").toString()).isEqualTo("""
                [{"line":4,"field":"number","code":"number-gap","message":"there is no 3"}]""");
    }

    @Test
    void aThousandErrorsAreEnough() {
        String lines = IntStream.range(0, 5_000).mapToObj(_ -> "Stalls,A,1,\n").collect(Collectors.joining());

        Reply reply = putCsv(venue(), "section,row,number,category\n" + lines);

        assertRefused(reply, 400, "invalid-map");
        assertThat(reply.json().at("/violations")).hasSize(1_000);
        assertThat(reply.at("/detail")).startsWith("At least 1000 errors");
    }

    @Test
    void otherBodiesAndAnswersAreRefused() {
        String venue = venue();

        assertRefused(server.put(venue + "/map", SMALL, "Content-Type", "text/plain"), 415, "unsupported-media-type");
        assertRefused(
                server.put(venue + "/map", SMALL, "Content-Type", "text/csv; charset=latin1"),
                415,
                "unsupported-media-type");
        assertThat(server.put(venue + "/map", SMALL, "Content-Type", "text/plain")
                        .header("Accept"))
                .isEqualTo("application/json, text/csv");
        assertRefused(server.put(venue + "/map", "{"), 400, "malformed-json");
        assertRefused(server.put(venue + "/map", "{\"areas\": [], \"areas\": []}"), 400, "malformed-json");
        assertRefused(server.put(venue + "/map", "{} {}"), 400, "malformed-json");
        assertRefused(server.put(venue + "/map", ""), 400, "malformed-json");
        assertRefused(putCsv(venue, ""), 400, "invalid-map");
        assertRefused(server.get(venue + "/map", "Accept", "text/html"), 406, "not-acceptable");
        assertRefused(putCsv(venue, "x".repeat((16 << 20) + 1)), 413, "body-too-large");
        var notUtf8 = HttpRequest.newBuilder(server.uri(venue + "/map"))
                .PUT(BodyPublishers.ofByteArray(
                        "section,row,number,category\nParkett für,1,1,A".getBytes(StandardCharsets.ISO_8859_1)))
                .header("Content-Type", CSV)
                .build();
        assertRefused(server.send(notUtf8), 400, "invalid-map");
    }

    @Test
    void whatBreaksTheContractIsNamed() {
        String venue = venue();
        putCsv(venue, SMALL);

        assertThat(server.get("/v1/venues/7").at("/violations/0/field")).isEqualTo("id");
        assertThat(server.get("/v1/venues?limit=201").at("/violations/0/field")).isEqualTo("limit");
        assertThat(server.get("/v1/venues?cursor=x").at("/violations/0/field")).isEqualTo("cursor");
        assertThat(server.get(venue + "?x=1").at("/violations/0/field")).isEqualTo("x");
        assertThat(server.get(venue + "/map?version=x").at("/violations/0/field"))
                .isEqualTo("version");
        assertThat(putCsv(venue, SMALL, "If-Match", "1").at("/violations/0/field"))
                .isEqualTo("If-Match");
        assertThat(server.put(venue + "/map?x=1", SMALL, "Content-Type", CSV).at("/violations/0/field"))
                .isEqualTo("x");
        assertThat(server.post("/v1/venues", named("A"), "If-Match", "*").at("/violations/0/field"))
                .isEqualTo("If-Match");
    }

    @Test
    void theAcceptHeaderDecidesWhichFormItIs() {
        String venue = venue();
        putCsv(venue, SMALL);

        for (String accept :
                List.of("*/*", "application/json", "text/csv;q=0.5, application/json", "text/*;q=0.1, */*")) {
            assertThat(server.get(venue + "/map", "Accept", accept).header("Content-Type"))
                    .as(accept)
                    .isEqualTo("application/json");
        }
        for (String accept : List.of("text/csv", "text/*", "application/json;q=0.5, text/csv", "text/csv, */*;q=0.1")) {
            assertThat(server.get(venue + "/map", "Accept", accept).header("Content-Type"))
                    .as(accept)
                    .isEqualTo("text/csv;charset=UTF-8");
        }
        Reply compressed = server.get(venue + "/map", "Accept-Encoding", "gzip");
        assertThat(compressed.header("Content-Encoding")).isEqualTo("gzip");
        assertThat(compressed.text()).isEqualTo(server.get(venue + "/map").text());
        assertThat(compressed.header("Vary")).isEqualTo("Accept, Accept-Encoding");
    }

    @Test
    void ofTwoWhoReplaceTheSameVersionOneIsTold() throws InterruptedException, ExecutionException {
        String venue = venue();
        putCsv(venue, SMALL);

        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Reply>> writers = IntStream.range(0, 8)
                    .mapToObj(i -> (Callable<Reply>)
                            () -> putCsv(venue, SMALL + "Stalls,A," + (3 + i) + ",Gold\n", "If-Match", "\"1\""))
                    .toList();
            List<Integer> statuses = new ArrayList<>();
            for (Future<Reply> reply : threads.invokeAll(writers)) {
                statuses.add(reply.get().status());
            }
            assertThat(statuses).containsOnlyOnce(200).containsOnly(200, 412);
        }
        assertThat(server.get(venue).number("/map/version")).isEqualTo(2);
    }

    @Test
    void theAuditHasWhatChanged() {
        String venue = venue();
        String actor = "actor-" + UUID.randomUUID();
        putCsv(venue, SMALL, "Holdfast-Actor", actor);
        putCsv(venue, SMALL, "Holdfast-Actor", actor);
        server.put(venue, named("Town hall"), "If-Match", "*", "Holdfast-Actor", actor);
        server.send("DELETE", venue, null, "If-Match", "*", "Holdfast-Actor", actor);

        List<JsonNode> entries = server.get("/v1/audit?actor=" + actor).json().at("/data").values().stream()
                .toList();

        assertThat(entries)
                .extracting(entry -> entry.path("action").asString())
                .containsExactly("delete", "replace-map");
        assertThat(entries.getLast().path("subject").asString())
                .isEqualTo("venue/" + venue.substring("/v1/venues/".length()));
        assertThat(entries.getLast().path("after").toString()).isEqualTo("""
                {"mapVersion":1,"seats":2,"standing":0,"sections":1}""");
    }

    @Test
    void whoeverSellsSeatsHasEveryVersionForEver() {
        String venue = venue();
        UUID id = UUID.fromString(venue.substring("/v1/venues/".length()));
        Venues venues = server.bean(Venues.class);
        assertThat(venues.newest(id)).isEmpty();
        putCsv(venue, SMALL);
        putCsv(venue, SMALL + "Stalls,A,3,Gold\n");

        var newest = venues.newest(id).orElseThrow();

        assertThat(newest.version()).isEqualTo(2);
        assertThat(newest.map().sections().getFirst().rows().getFirst().seats())
                .extracting(VenueMap.Seat::label)
                .containsExactly("Stalls-A-1", "Stalls-A-2", "Stalls-A-3");
        assertThat(venues.map(id, 2)).containsSame(newest.map());
        server.send("DELETE", venue, null, "If-Match", "*");
        assertThat(venues.newest(id)).isEmpty();
        assertThat(venues.map(id, 1)
                        .orElseThrow()
                        .sections()
                        .getFirst()
                        .rows()
                        .getFirst()
                        .seats())
                .hasSize(2);
        assertThat(venues.map(id, 3)).isEmpty();
    }

    @Test
    void theLargestMapIsTaken() {
        String venue = venue();
        var csv = new StringBuilder("section,row,number,category,x,y\n");
        for (int i = 0; i < 200_000; i++) {
            csv.append("Block ")
                    .append(i / 2_000)
                    .append(',')
                    .append(i / 40 % 50)
                    .append(',')
                    .append(i % 40 + 1);
            csv.append(",Category 1,")
                    .append(i % 40 * 0.55)
                    .append(',')
                    .append(i / 40)
                    .append('\n');
        }

        Reply written = putCsv(venue, csv.toString());

        assertThat(written.text())
                .isEqualTo("{\"version\":1,\"seats\":200000,\"standing\":0,\"sections\":100,\"warnings\":[]}");
        Reply back = server.get(venue + "/map", "Accept", CSV);
        assertThat(putCsv(venue, back.text()).number("/version")).isEqualTo(1);
        assertThat(server.get(venue + "/map").json().at("/sections")).hasSize(100);
    }
}
