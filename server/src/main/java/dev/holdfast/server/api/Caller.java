package dev.holdfast.server.api;

import dev.holdfast.engine.Actor;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Who asks for a change, why, and in which trace: what the logs of changes say of it.
 *
 * @param actor a person, a key or a part of this server; {@link #ANONYMOUS} if nobody says. Nobody checks it before there is
 *     authentication: then this is where the one who was authenticated comes in
 * @param traceId 32 hexadecimal digits; null where no request is behind it
 */
public record Caller(
        String actor, @Nullable String reason, @Nullable String traceId) {
    public static final String ANONYMOUS = "anonymous";
    public static final int LENGTH_MAX = 255;
    static final String ACTOR = "Holdfast-Actor";
    static final String REASON = "Holdfast-Reason";

    /**
     * From the headers {@code Holdfast-Actor} and {@code Holdfast-Reason}.
     *
     * @throws ProblemException {@code invalid-request} if one of them is blank, longer than {@link #LENGTH_MAX}, not printable or
     *     there more than once
     */
    public static Caller of(HttpServletRequest request) {
        String actor = header(request, ACTOR);
        return new Caller(
                actor == null ? ANONYMOUS : actor,
                header(request, REASON),
                Trace.of(request).traceId());
    }

    /** Whoever says who he is; null for the many who do not. Throws as {@link #of} does. */
    public static @Nullable Caller named(HttpServletRequest request) {
        return request.getHeader(ACTOR) == null ? null : of(request);
    }

    /** {@link #named}, as the engine keeps it with what it changes. */
    public static @Nullable Actor namedActor(HttpServletRequest request) {
        Caller caller = named(request);
        return caller == null ? null : caller.actorOfStock();
    }

    /** A part of this server that acts on its own. */
    public static Caller server(String part) {
        return new Caller("holdfast:" + part, null, null);
    }

    /** As the engine keeps it with what it changes. */
    public Actor actorOfStock() {
        return new Actor(actor, reason, traceId);
    }

    private static @Nullable String header(HttpServletRequest request, String name) {
        var values = request.getHeaders(name);
        if (!values.hasMoreElements()) {
            return null;
        }
        // Tomcat reads bytes as ISO 8859-1; people write reasons in their language, and clients send that as UTF-8.
        String value = new String(values.nextElement().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        if (values.hasMoreElements() || value.isBlank() || value.length() > LENGTH_MAX || !Body.isPrintable(value)) {
            throw Problem.invalid(
                            name, "must be there once, with 1 to " + LENGTH_MAX + " printable characters, in UTF-8")
                    .asException();
        }
        return value;
    }
}
