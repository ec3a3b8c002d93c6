package dev.holdfast.server;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Where Redis is. Environment: {@code HOLDFAST_REDIS_URL}. Stock is correct without it.
 *
 * @param url {@code redis://}, {@code rediss://} (TLS) or {@code redis-sentinel://}; several, with commas between them, are the
 *     nodes of a cluster; {@code none}, blank or nothing: run without. The local profile starts its own if there is nothing
 */
@ConfigurationProperties("holdfast.redis")
record RedisProperties(@Nullable String url) {
    static final String URL = "holdfast.redis.url";
    static final String NONE = "none";

    /** More hosts may follow, with or without their scheme. */
    private static final Pattern KNOWN = Pattern.compile("(rediss?|rediss?-sentinel)://[^/,]+.*");

    RedisProperties {
        if (url != null && isThere(url) && !KNOWN.matcher(url).matches()) {
            // Not the value: it holds the password.
            throw new IllegalArgumentException(
                    "HOLDFAST_REDIS_URL (" + URL + ") has to be redis://host:port,"
                            + " rediss://host:port, redis-sentinel://host:port#master, several with commas between them, or none");
        }
    }

    boolean isThere() {
        return isThere(url);
    }

    /** Whether one is named, whatever is wrong with the name. */
    static boolean isThere(@Nullable String url) {
        return url != null && !isNone(url);
    }

    static boolean isNone(String url) {
        return url.isBlank() || url.equals(NONE);
    }

    /** For people. */
    static String withoutPassword(String url) {
        return isNone(url) ? NONE : url.replaceAll("//[^/]*@", "//");
    }

    /** The password stays out of logs. */
    @Override
    public String toString() {
        return "RedisProperties[url=" + (url == null ? NONE : withoutPassword(url)) + "]";
    }
}
