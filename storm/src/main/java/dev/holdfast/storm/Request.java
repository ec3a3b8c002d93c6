package dev.holdfast.storm;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP request, ready to be sent as often as it takes.
 *
 * @param headers beside those that key and body bring along
 */
record Request(
        String method,
        String path,
        @Nullable String key,
        @Nullable String body,
        Map<String, String> headers) {

    static Request get(String path) {
        return new Request("GET", path, null, null, Map.of());
    }

    static Request post(String path, @Nullable String key, @Nullable String body) {
        return new Request("POST", path, key, body, Map.of());
    }

    static Request put(String path, String body) {
        return new Request("PUT", path, null, body, Map.of());
    }

    static Request put(String path, String key, String body) {
        return new Request("PUT", path, key, body, Map.of());
    }

    /** The same with this header and no other. */
    Request with(String header, String value) {
        return new Request(method, path, key, body, Map.of(header, value));
    }
}
