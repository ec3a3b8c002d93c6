package dev.holdfast.storm;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One HTTP answer.
 *
 * @param body a missing node when there was none, or none that is JSON
 * @param retryAfter what the server asked for, if it did
 */
record Answer(
        int status,
        JsonNode body,
        boolean replayed,
        @Nullable Duration retryAfter) {

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
