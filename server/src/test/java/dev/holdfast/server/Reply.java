package dev.holdfast.server;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An answer of the server. */
record Reply(int status, HttpHeaders headers, String text) {
    private static final JsonMapper MAPPER = new JsonMapper();

    static Reply of(HttpResponse<byte[]> response) throws IOException {
        boolean isCompressed =
                response.headers().firstValue("Content-Encoding").orElse("").equals("gzip");
        var body = new ByteArrayInputStream(response.body());
        try (InputStream text = isCompressed ? new GZIPInputStream(body) : body) {
            return new Reply(
                    response.statusCode(), response.headers(), new String(text.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    JsonNode json() {
        return MAPPER.readTree(text);
    }

    /** A value in the body by its JSON pointer, as text; empty if it is missing or null. */
    String at(String pointer) {
        return json().at(pointer).asString("");
    }

    long number(String pointer) {
        return json().at(pointer).longValue();
    }

    String code() {
        return at("/code");
    }

    /** Empty if it is missing. */
    String header(String name) {
        return headers.firstValue(name).orElse("");
    }
}
