package dev.holdfast.server;

import com.google.zxing.BinaryBitmap;
import com.google.zxing.RGBLuminanceSource;
import com.google.zxing.common.HybridBinarizer;
import com.google.zxing.qrcode.QRCodeReader;
import dev.holdfast.local.LocalPostgres;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Tickets from payment to the gate, and all that people do to them before; on two nodes. */
@ExtendWith(SharedServer.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TicketTest {
    private static final String DATABASE = "tickets";

    private final TestServer server;
    private final TestServer other;
    private final TestTickets tickets;
    private final String venue;

    TicketTest(LocalPostgres postgres) {
        postgres.createDatabase(DATABASE);
        server = TestServer.start(postgres, DATABASE);
        other = TestServer.start(postgres, DATABASE);
        tickets = new TestTickets(server, postgres, DATABASE);
        venue = tickets.house.venue(2, 6);
    }

    @AfterEach
    void booksAreRight() {
        assertThat(server.get("/v1/invariants").at("/ok")).isEqualTo("true");
    }

    @AfterAll
    void stop() {
        other.close();
        server.close();
    }

    private String event() {
        return tickets.house.event(venue, "");
    }

    @Test
    void eachPlaceThatIsPaidForHasATicket() {
        String event = event();
        String order = tickets.paid(event, "{\"seats\": [\"A-1\", \"A-2\"]}");

        Reply reply = server.get(order + "/tickets");

        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        assertThat(reply.json().at("/tickets").size()).isEqualTo(2);
        assertThat(reply.json().at("/refused").size()).isZero();
        JsonNode ticket = reply.json().at("/tickets/0");
        assertThat(ticket.at("/state").asString()).isEqualTo("VALID");
        assertThat(ticket.at("/holder").asString()).isEqualTo("ada");
        assertThat(ticket.at("/event/name").asString()).isEqualTo("Hamlet");
        assertThat(ticket.at("/event/venue").asString()).isEqualTo("House");
        assertThat(ticket.at("/place").toString())
                .isEqualTo(
                        "{\"label\":\"A-1\",\"category\":\"stalls\",\"section\":\"Stalls\",\"row\":\"A\",\"number\":\"1\"}");
        assertThat(ticket.at("/price/amountMinor").longValue()).isEqualTo(4_500);
        assertThat(ticket.at("/generation").intValue()).isEqualTo(1);
        assertThat(ticket.at("/code").asString()).startsWith("HF1:").hasSize(154);
        assertThat(reply.json().at("/tickets/1/place/label").asString()).isEqualTo("A-2");
        Reply alone = other.get("/v1/tickets/" + ticket.at("/id").asString());
        assertThat(alone.json()).isEqualTo(ticket);
        assertThat(alone.header("ETag")).isEqualTo("\"1\"");
        assertThat(other.get(order + "/tickets").json()).isEqualTo(reply.json());
    }

    @Test
    void nobodyHasToAskForThem() {
        String order = tickets.paid(event(), "{\"seats\": [\"B-1\"]}");

        await().atMost(TestTickets.PATIENCE)
                .until(() -> tickets.count("order_id = '" + TestOrders.id(order) + "'") == 1);
    }

    @Test
    void placesInAnAreaHaveATicketEach() {
        String order = tickets.paid(event(), "{\"area\": \"Floor\", \"quantity\": 3}");

        JsonNode all = server.get(order + "/tickets").json().at("/tickets");

        assertThat(all.size()).isEqualTo(3);
        assertThat(all.values().stream().map(ticket -> ticket.at("/place").toString()))
                .containsOnly("{\"label\":\"Floor\",\"category\":\"standing\"}");
        assertThat(all.values().stream()
                        .map(ticket -> ticket.at("/code").asString())
                        .distinct())
                .hasSize(3);
    }

    @Test
    void whatIsNotPaidOrNoPlaceHasNone() {
        Reply unknown = server.get("/v1/orders/01936f3e-7b3c-7d4e-8f5a-0123456789ab/tickets");
        assertThat(unknown.status() + " " + unknown.code()).isEqualTo("404 unknown-order");
        var orders = new TestOrders(server);
        String goods = orders.paid(TestOrders.line(server.receive(1), 1, 100));
        assertThat(server.get(goods + "/tickets").json().at("/tickets").size()).isZero();

        String unpaid = orders.placed(TestOrders.line(tickets.sku(event(), "A-1"), 1, 4_500));
        assertThat(server.get(unpaid + "/tickets").json().at("/tickets").size()).isZero();

        orders.orders.paid(TestOrders.id(unpaid), TestOrders.payment(4_500), TestOrders.CHECKOUT);
        assertThat(server.get(unpaid + "/tickets").json().at("/tickets").size()).isEqualTo(1);
    }

    @Test
    void whatIsCancelledOfAnOrderIsVoidAndForSaleAgain() {
        String event = event();
        String order = tickets.paid(event, "{\"seats\": [\"A-1\", \"A-2\"]}");
        server.get(order + "/tickets");
        Reply cancelled = server.postNew(
                order + "/cancel",
                "{\"lines\": [{\"sku\": \"%s\", \"quantity\": 1}]}".formatted(tickets.sku(event, "A-1")));
        assertThat(cancelled.status()).as(cancelled.text()).isEqualTo(200);

        // the next buyer is faster than the look that makes the first one's ticket void
        String next = tickets.paid(event, "{\"seats\": [\"A-1\"]}");
        Reply theirs = server.get(next + "/tickets");

        assertThat(theirs.at("/tickets/0/state")).as(theirs.text()).isEqualTo("VALID");
        Reply first = server.get(order + "/tickets");
        assertThat(first.at("/tickets/0/state")).isEqualTo("VOID");
        assertThat(first.at("/tickets/0/code")).isEmpty();
        assertThat(first.at("/tickets/1/state")).isEqualTo("VALID");
    }

    @Test
    void transferAndReissueMakeTheOldCodeWorthless() {
        String event = event();
        JsonNode ticket = tickets.one(event, "A-1");
        String path = "/v1/tickets/" + ticket.at("/id").asString();
        String key = TestServer.newKey();

        Reply bob =
                server.post(path + "/transfer", "{\"holder\": \"Bob\"}", "Idempotency-Key", key, "If-Match", "\"1\"");
        Reply again =
                other.post(path + "/transfer", "{\"holder\": \"Bob\"}", "Idempotency-Key", key, "If-Match", "\"1\"");

        assertThat(bob.status()).as(bob.text()).isEqualTo(200);
        assertThat(bob.at("/holder")).isEqualTo("Bob");
        assertThat(bob.at("/generation")).isEqualTo("2");
        assertThat(bob.header("ETag")).isEqualTo("\"2\"");
        assertThat(again.header("Idempotent-Replayed")).isEqualTo("true");
        assertThat(again.json()).isEqualTo(bob.json());
        assertThat(status(server.post(path + "/transfer", "{\"holder\": \"Eve\"}", "Idempotency-Key", key)))
                .isEqualTo("422 idempotency-key-reused");
        assertThat(status(server.postNew(path + "/reissue", "{}", "If-Match", "\"1\"")))
                .isEqualTo("412 version-changed");
        Reply reissued = other.postNew(path + "/reissue", "{}", "Holdfast-Actor", "anna");
        assertThat(reissued.at("/generation")).as(reissued.text()).isEqualTo("3");
        assertThat(reissued.at("/holder")).isEqualTo("Bob");
        assertThat(server.get("/v1/audit?subject=ticket/" + ticket.at("/id").asString())
                        .text())
                .contains("\"action\":\"transfer\"", "\"action\":\"reissue\"", "\"actor\":\"anna\"")
                .doesNotContain("HF1:");

        assertThat(status(tickets.checkIn(event, ticket.at("/code").asString(), "north")))
                .isEqualTo("409 ticket-void");
        assertThat(status(tickets.checkIn(event, bob.at("/code"), "north"))).isEqualTo("409 ticket-void");
        Reply in = tickets.checkIn(event, reissued.at("/code"), "north");
        assertThat(in.status()).as(in.text()).isEqualTo(200);
        assertThat(in.at("/holder")).isEqualTo("Bob");
        for (String act : List.of("/reissue", "/cancel")) {
            assertThat(status(server.postNew(path + act, "{}"))).isEqualTo("409 already-admitted");
        }
    }

    @Test
    void aCancelledTicketFreesItsSeatAndMakesItsMoneyDue() {
        String event = event();
        String order = tickets.paid(event, "{\"seats\": [\"A-1\", \"A-2\"]}");
        Reply before = server.get(order + "/tickets");
        String path = "/v1/tickets/" + before.at("/tickets/0/id");
        String key = TestServer.newKey();

        Reply cancelled = server.post(path + "/cancel", "{}", "Idempotency-Key", key);
        Reply again = other.post(path + "/cancel", "{}", "Idempotency-Key", key);

        assertThat(cancelled.status()).as(cancelled.text()).isEqualTo(200);
        assertThat(cancelled.at("/state")).isEqualTo("VOID");
        assertThat(cancelled.at("/code")).isEmpty();
        assertThat(again.header("Idempotent-Replayed")).isEqualTo("true");
        assertThat(again.at("/state")).isEqualTo("VOID");
        assertThat(status(server.postNew(path + "/cancel", "{}"))).isEqualTo("409 ticket-void");
        assertThat(server.get(path + "/qr.png").code()).isEqualTo("ticket-void");
        assertThat(server.get(order).at("/refunds/0/amount/amountMinor")).isEqualTo("4500");
        assertThat(status(tickets.checkIn(event, before.at("/tickets/0/code"), "north")))
                .isEqualTo("409 ticket-void");
        Reply stays = server.get(order + "/tickets");
        assertThat(stays.at("/tickets/1/state")).as(stays.text()).isEqualTo("VALID");
        assertThat(tickets.one(event, "A-1").at("/state").asString()).isEqualTo("VALID");
    }

    /** Of three in an area the one that was meant. */
    @Test
    void theVeryTicketThatIsCancelledIsVoid() {
        String order = tickets.paid(event(), "{\"area\": \"Floor\", \"quantity\": 3}");
        String second = server.get(order + "/tickets").at("/tickets/1/id");

        assertThat(server.postNew("/v1/tickets/" + second + "/cancel", "{}").at("/state"))
                .isEqualTo("VOID");

        assertThat(server.get(order + "/tickets").json().at("/tickets").values().stream()
                        .map(ticket -> ticket.at("/state").asString()))
                .containsExactly("VALID", "VOID", "VALID");
    }

    @Test
    void whatItsOrderDoesNotCancelStays() {
        String event = event();
        String order = tickets.paid(event, "{\"seats\": [\"A-1\"]}");
        Reply before = server.get(order + "/tickets");
        assertThat(server.postNew(order + "/ship", "{}").status()).isEqualTo(200);
        String path = "/v1/tickets/" + before.at("/tickets/0/id");

        assertThat(status(server.postNew(path + "/cancel", "{}"))).isEqualTo("409 order-state");

        assertThat(server.get(path).at("/state")).isEqualTo("VALID");
        assertThat(tickets.checkIn(event, before.at("/tickets/0/code"), "north").status())
                .isEqualTo(200);
    }

    /** As a gate does that has nothing but the keys and the page that says how. */
    @Test
    void aGateWithoutANetworkVerifiesCodesByTheKeys() throws Exception {
        JsonNode ticket = tickets.one(event(), "B-2");
        byte[] code = base45(ticket.at("/code").asString().substring(4));
        JsonNode keys = other.get("/v1/tickets/keys").json().at("/keys");
        JsonNode key = keys.values().stream()
                .filter(one -> one.at("/kid").asString().equals(Integer.toString(code[0])))
                .findAny()
                .orElseThrow();

        assertThat(List.of(key.at("/kty").asString(), key.at("/crv").asString()))
                .containsExactly("OKP", "Ed25519");
        byte[] x = Base64.getUrlDecoder().decode(key.at("/x").asString());
        byte[] x509 = HexFormat.of()
                .parseHex("302a300506032b6570032100" + HexFormat.of().formatHex(x));
        var verifier = Signature.getInstance("Ed25519");
        verifier.initVerify(KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(x509)));
        verifier.update("HF1:".getBytes(StandardCharsets.US_ASCII));
        verifier.update(code, 0, 36);
        assertThat(verifier.verify(code, 36, 64)).isTrue();
        String hex = HexFormat.of().formatHex(code);
        assertThat(hex.substring(2, 8)).isEqualTo("000001");
        assertThat(hex.substring(8, 40)).isEqualTo(ticket.at("/id").asString().replace("-", ""));
        assertThat(hex.substring(40, 72))
                .isEqualTo(ticket.at("/event/id").asString().replace("-", ""));
    }

    private static byte[] base45(String text) {
        String digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
        var bytes = ByteBuffer.allocate(text.length() * 2 / 3);
        for (int i = 0; i < text.length(); i += 3) {
            int value = digits.indexOf(text.charAt(i))
                    + 45 * digits.indexOf(text.charAt(i + 1))
                    + 45 * 45 * digits.indexOf(text.charAt(i + 2));
            bytes.putShort((short) value);
        }
        return bytes.array();
    }

    @Test
    void theCodeIsThereAsAPictureADrawingAndOnPaper() throws Exception {
        JsonNode ticket = tickets.one(event(), "B-3");
        String path = "/v1/tickets/" + ticket.at("/id").asString();

        HttpResponse<byte[]> png = bytes(path + "/qr.png");
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(png.body()));
        int[] pixels = image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
        var source = new RGBLuminanceSource(image.getWidth(), image.getHeight(), pixels);

        assertThat(png.headers().firstValue("Content-Type")).hasValue("image/png");
        assertThat(new QRCodeReader()
                        .decode(new BinaryBitmap(new HybridBinarizer(source)))
                        .getText())
                .isEqualTo(ticket.at("/code").asString());
        HttpResponse<byte[]> svg = bytes(path + "/qr.svg");
        assertThat(svg.headers().firstValue("Content-Type")).hasValue("image/svg+xml");
        assertThat(new String(svg.body(), StandardCharsets.UTF_8))
                .startsWith("<svg")
                .endsWith("</svg>");
        HttpResponse<byte[]> pdf = bytes(path + "/ticket.pdf");
        assertThat(pdf.headers().firstValue("Content-Type")).hasValue("application/pdf");
        assertThat(new String(pdf.body(), 0, 5, StandardCharsets.US_ASCII)).isEqualTo("%PDF-");
        assertThat(server.get("/v1/tickets/01936f3e-7b3c-7d4e-8f5a-0123456789ab/qr.png")
                        .code())
                .isEqualTo("unknown-ticket");
    }

    private HttpResponse<byte[]> bytes(String path) throws Exception {
        try (var client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create(server.uri(path).toString()))
                            .build(),
                    BodyHandlers.ofByteArray());
        }
    }

    private static String status(Reply reply) {
        return reply.status() < 400 ? "" + reply.status() : reply.status() + " " + reply.code();
    }
}
