package dev.holdfast.storm;

import org.jspecify.annotations.Nullable;

/** One HTTP request, ready to be sent as often as it takes. */
record Request(
        String method,
        String path,
        @Nullable String key,
        @Nullable String body) {

    static Request get(String path) {
        return new Request("GET", path, null, null);
    }

    static Request post(String path, String key, String body) {
        return new Request("POST", path, key, body);
    }
}
