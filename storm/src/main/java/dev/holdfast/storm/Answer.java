package dev.holdfast.storm;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One HTTP answer.
 *
 * @param body a missing node when there was none, or none that is JSON
 * @param retryAfter what the server asked for, if it did
 * @param sentMicros when the request was sent, by our clock, in µs since 1970
 * @param answeredMicros when its answer had come
 */
record Answer(
        int status,
        JsonNode body,
        boolean replayed,
        @Nullable Duration retryAfter,
        Copy copy,
        long sentMicros,
        long answeredMicros) {

    /**
     * What it says of itself as a copy of something (RFC 9111).
     *
     * @param ageSeconds {@code Age}, whole seconds; null: not stated
     * @param maxAgeSeconds {@code max-age} of {@code Cache-Control}, whole seconds; null: not stated
     */
    record Copy(
            @Nullable String etag,
            @Nullable Long ageSeconds,
            @Nullable Long maxAgeSeconds) {}

    /** The problem's code; empty when there is none. */
    String code() {
        return body.path("code").asString("");
    }

    boolean is(int status, String code) {
        return this.status == status && code().equals(code);
    }

    /** For people: {@code 409 insufficient-stock}. */
    String brief() {
        return code().isEmpty() ? Integer.toString(status) : status + " " + code();
    }

    /** For a sample: the body, cut off. */
    String excerpt() {
        var text = body.isMissingNode() ? "(no JSON body)" : body.toString();
        return text.length() <= 200 ? text : text.substring(0, 200) + "…";
    }
}
