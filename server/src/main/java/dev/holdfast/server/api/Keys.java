package dev.holdfast.server.api;

import dev.holdfast.engine.IdempotencyKey;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Enumeration;
import org.jspecify.annotations.Nullable;

/** The client's name for one intent: the header {@code Idempotency-Key}, bare or as a quoted string (RFC 8941). */
public final class Keys {
    private static final String HEADER = "Idempotency-Key";

    /** The scope of a key. There is one caller until there is authentication; then this is where the caller comes in. */
    private static final String CALLER = "";

    private Keys() {}

    /**
     * The key a call cannot do without.
     *
     * @throws ProblemException {@code idempotency-key-required}, {@code invalid-idempotency-key}
     */
    public static IdempotencyKey required(HttpServletRequest request) {
        IdempotencyKey key = optional(request);
        if (key == null) {
            throw missing().asException();
        }
        return key;
    }

    public static Problem missing() {
        return Problem.of(
                ErrorCode.IDEMPOTENCY_KEY_REQUIRED,
                "Send a new " + HEADER
                        + ", best a UUIDv7, with each new intent and the same one with each retry of it");
    }

    /**
     * The key of a call that may have one; null if there is none.
     *
     * @throws ProblemException {@code invalid-idempotency-key}
     */
    public static @Nullable IdempotencyKey optional(HttpServletRequest request) {
        Enumeration<String> values = request.getHeaders(HEADER);
        if (!values.hasMoreElements()) {
            return null;
        }
        String value = values.nextElement();
        if (values.hasMoreElements()) {
            throw unusable("the header " + HEADER + " is there more than once");
        }
        return of(value.startsWith("\"") ? unquoted(value) : value);
    }

    /** For commands that need one whatever the client sent. */
    public static IdempotencyKey optionalOrNew(HttpServletRequest request) {
        IdempotencyKey key = optional(request);
        return key == null ? IdempotencyKey.random() : key;
    }

    /**
     * A key that came on another way than the header, taken as it is.
     *
     * @throws ProblemException {@code invalid-idempotency-key}
     */
    public static IdempotencyKey of(String key) {
        if (key.isBlank()) {
            throw unusable("the idempotency key is blank");
        }
        try {
            return IdempotencyKey.of(CALLER, key);
        } catch (IllegalArgumentException e) {
            throw unusable(String.valueOf(e.getMessage()));
        }
    }

    private static String unquoted(String value) {
        var key = new StringBuilder(value.length());
        for (int i = 1; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"') {
                if (i != value.length() - 1) {
                    throw unusable("there is something behind the quoted idempotency key");
                }
                return key.toString();
            }
            if (c == '\\') {
                i++;
                c = i < value.length() ? value.charAt(i) : 0;
                if (c != '"' && c != '\\') {
                    throw unusable("a backslash in a quoted idempotency key escapes only \" and \\");
                }
            }
            key.append(c);
        }
        throw unusable("the quoted idempotency key has no end");
    }

    private static ProblemException unusable(String detail) {
        return Problem.of(ErrorCode.INVALID_IDEMPOTENCY_KEY, detail).asException();
    }
}
