package dev.holdfast.server;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/** Below JSON: bytes, sizes, traces. */
@ExtendWith(SharedServer.class)
final class ProtocolTest {
    private static final int TEN_MEGABYTES = 10_000_000;
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

    private final TestServer server;

    ProtocolTest(TestServer server) {
        this.server = server;
    }

    /** What a client that speaks no proper HTTP reads back. */
    private String raw(String request) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.replace("|", "\r\n").getBytes(ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }

    /** A bar ends a line. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /v1/stock/<script> HTTP/1.1|Host: a|Connection: close||",
                "GET /v1/stock/%00 HTTP/1.1|Host: a|Connection: close||",
                "GET /v1/stock/%zz HTTP/1.1|Host: a|Connection: close||",
                "GET /v1/availability?sku=%zz HTTP/1.1|Host: a|Connection: close||",
                "GET /v1/availability?sku=%ff HTTP/1.1|Host: a|Connection: close||",
                "GET /v1/availability?sku=% HTTP/1.1|Host: a|Connection: close||",
                "GET /v1/availability?%zz=1 HTTP/1.1|Host: a|Connection: close||",
                "GET /v1/stock/A?%zz HTTP/1.1|Host: a|Connection: close||",
                "GET /v1/stock/A/movements?cursor=%e4 HTTP/1.1|Host: a|Connection: close||",
                "GET /v1/invariants?%zz=1 HTTP/1.1|Host: a|Connection: close||",
                "POST /v1/holds?%zz=1 HTTP/1.1|Host: a|Idempotency-Key: a|Content-Type: application/json"
                        + "|Content-Length: 2|Connection: close||{}",
                "POST /v1/holds/01936f3e-7b3c-7d4e-8f5a-0123456789ab/confirm?%zz=1 HTTP/1.1|Host: a|Connection: close||",
                "GET /v1/stock/A HTTP/1.1|Connection: close||",
                "GET /v1/stock/A HTTP/1.1|Host: a|Bad Header: x|Connection: close||",
                "GET /v1/stock/A HTTP/9.9|Host: a|Connection: close||",
                "POST /v1/holds HTTP/1.1|Host: a|Idempotency-Key: a|Content-Type: application/json"
                        + "|Transfer-Encoding: bogus|Connection: close||",
                "POST /v1/holds HTTP/1.1|Host: a|Idempotency-Key: a|Content-Type: application/json"
                        + "|Transfer-Encoding: chunked|Connection: close||not a chunk|",
            })
    void whatIsNoHttpGetsAProblemToo(String request) throws IOException {
        String answer = raw(request);

        assertThat(answer).startsWith("HTTP/1.1 400").contains("Content-Type: application/problem+json");
        assertThat(answer).contains("\"code\":\"malformed-request\"").contains("\"traceId\":\"");
        assertThat(answer).doesNotContain("Tomcat").doesNotContain("<html");
    }

    @Test
    void headersTooLargeGetAProblemToo() throws IOException {
        String answer = raw("GET /v1/stock/A HTTP/1.1|Host: a|X: " + "x".repeat(20_000) + "||");

        assertThat(answer).startsWith("HTTP/1.1 400").contains("\"code\":\"malformed-request\"");
    }

    @Test
    void anUnknownMethodIsNotAllowed() throws IOException {
        assertThat(raw("TRACE /v1/holds HTTP/1.1|Host: a|Connection: close||"))
                .startsWith("HTTP/1.1 405")
                .contains("\"code\":\"method-not-allowed\"");
        assertThat(raw("BREW /v1/holds HTTP/1.1|Host: a|Connection: close||"))
                .startsWith("HTTP/1.1 405")
                .contains("\"code\":\"method-not-allowed\"");
    }

    @Test
    void tenMegabytesAreRefusedUnread() throws IOException {
        // Only the head is sent: the answer must not wait for the body.
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write(("POST /v1/holds HTTP/1.1\r\nHost: a\r\nIdempotency-Key: a\r\n"
                                    + "Content-Type: application/json\r\nContent-Length: " + TEN_MEGABYTES + "\r\n\r\n")
                            .getBytes(ISO_8859_1));
            byte[] head = socket.getInputStream().readNBytes(12);
            assertThat(new String(head, UTF_8)).isEqualTo("HTTP/1.1 413");
        }
    }

    @Test
    void tenMegabytesInOnePieceReadTheirRefusal() {
        assertTooLarge(server.send(holds(BodyPublishers.ofByteArray(spaces()))));
    }

    @Test
    void tenMegabytesInChunksReadTheirRefusal() {
        assertTooLarge(server.send(holds(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(spaces())))));
    }

    @Test
    void aBatchMayBeLargerButNotAnySize() throws IOException {
        assertTooLarge(server.post("/v1/holds/batch", " ".repeat((16 << 20) + 1)));
        assertThat(server.post("/v1/holds/batch", " ".repeat(16 << 20)).code()).isEqualTo("malformed-json");
        Reply tooMany = server.post("/v1/holds/batch", "[" + "{},".repeat(5 << 20) + "{}]");
        assertThat(tooMany.code()).isEqualTo("malformed-json");
        assertThat(tooMany.at("/detail")).contains("1000000");
    }

    private HttpRequest holds(HttpRequest.BodyPublisher body) {
        return HttpRequest.newBuilder(server.uri("/v1/holds"))
                .header("Idempotency-Key", TestServer.newKey())
                .header("Content-Type", "application/json")
                .POST(body)
                .build();
    }

    private static byte[] spaces() {
        byte[] spaces = new byte[TEN_MEGABYTES];
        Arrays.fill(spaces, (byte) ' ');
        return spaces;
    }

    private static void assertTooLarge(Reply reply) {
        assertThat(reply.status()).isEqualTo(413);
        assertThat(reply.code()).isEqualTo("body-too-large");
    }

    @ParameterizedTest
    @CsvSource({
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01, true",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00, true",
        "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more, true",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more, false",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01, false",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01, false",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01, false",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01, false",
        "00-4bf92f3577b34da6a3ce929d0e0e4736, false",
        "bogus, false",
    })
    void aValidTraceIsKeptAndAnyOtherReplaced(String traceparent, boolean kept) {
        Reply reply = server.get("/v1/stock/nobody-knows", "traceparent", traceparent);

        String[] answer = reply.header("traceparent").split("-", -1);
        assertThat(answer).hasSize(4);
        assertThat(answer[1]).matches("[0-9a-f]{32}").isEqualTo(reply.at("/traceId"));
        assertThat(answer[1].equals(TRACE)).isEqualTo(kept);
        assertThat(answer[2]).matches("[0-9a-f]{16}").isNotEqualTo("00f067aa0ba902b7");
    }
}
