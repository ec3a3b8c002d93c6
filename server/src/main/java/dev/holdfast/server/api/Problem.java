package dev.holdfast.server.api;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * A "no" of the HTTP interface (RFC 9457). What belongs to the single request, {@code instance} and {@code traceId}, is added
 * when it is written.
 *
 * @param detail for people: what was wrong with this request and what to do
 * @param members what else the code needs, by name
 * @param headers header fields that go with it
 */
public record Problem(ErrorCode code, String detail, Map<String, Object> members, Map<String, String> headers) {

    /** A second: an overloaded lane decides its whole queue in about 0.3 s, a restarting database needs some seconds. */
    private static final String RETRY_AFTER_SECONDS = "1";

    public static Problem of(ErrorCode code, String detail) {
        return new Problem(
                code, detail, Map.of(), code.retryable() ? Map.of("Retry-After", RETRY_AFTER_SECONDS) : Map.of());
    }

    /** The same with one more member. */
    public Problem with(String name, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(members);
        more.put(name, value);
        return new Problem(code, detail, more, headers);
    }

    /** The same with one more header field. */
    public Problem withHeader(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new Problem(code, detail, members, more);
    }

    /** A request that breaks the contract, with everything that is wrong with it. */
    public static Problem invalid(List<Violation> violations) {
        List<String> said = new ArrayList<>();
        violations.forEach(violation -> said.add(violation.toString()));
        return of(ErrorCode.INVALID_REQUEST, String.join("; ", said)).with("violations", violations);
    }

    public static Problem invalid(String field, String message) {
        return invalid(List.of(new Violation(field, message)));
    }

    /** To leave the middle of something. */
    public ProblemException asException() {
        return new ProblemException(this);
    }

    /** As part of a larger answer to the request that this thread works on. */
    public Map<String, Object> asPart() {
        String traceId = MDC.get(RequestFilter.TRACE_ID);
        return body(null, traceId == null ? "" : traceId);
    }

    /** @param instance the path that was asked for; null where a problem is part of a larger answer */
    Map<String, Object> body(@Nullable String instance, String traceId) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("type", code.type());
        body.put("title", code.title());
        body.put("status", code.status());
        body.put("detail", detail);
        if (instance != null) {
            body.put("instance", instance);
        }
        body.put("code", code.code());
        body.put("retryable", code.retryable());
        body.put("traceId", traceId);
        body.putAll(members);
        return body;
    }
}
