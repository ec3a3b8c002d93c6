package dev.holdfast.server.api;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a call is answered with: a status, header fields and a body, or a {@link Problem}.
 *
 * <p>Controllers return it, and {@link AnswerWriter} writes it straight to the response: no content negotiation and no message
 * converters on the hot path. Refusals are answers too, so a sold-out SKU costs no exception per buyer.
 */
public final class Answer {
    private static final String JSON = "application/json";

    private final int status;
    private final String contentType;
    private final @Nullable Object body;
    private final @Nullable Problem problem;
    /** Name, value, name, value: a handful at most. */
    private final List<String> headers = new ArrayList<>(4);

    private Answer(int status, @Nullable Object body, @Nullable Problem problem) {
        this(status, JSON, body, problem);
    }

    private Answer(int status, String contentType, @Nullable Object body, @Nullable Problem problem) {
        this.status = status;
        this.contentType = contentType;
        this.body = body;
        this.problem = problem;
    }

    public static Answer ok(Object body) {
        return new Answer(200, body, null);
    }

    /** 200 with JSON that is written already. */
    public static Answer json(byte[] json) {
        return new Answer(200, json, null);
    }

    /** 200 with CSV, in UTF-8. */
    public static Answer csv(byte[] csv) {
        return new Answer(200, "text/csv;charset=UTF-8", csv, null);
    }

    public static Answer created(Object body) {
        return new Answer(201, body, null);
    }

    /** It is on its way. */
    public static Answer accepted(Object body) {
        return new Answer(202, body, null);
    }

    public static Answer noContent() {
        return new Answer(204, null, null);
    }

    /** 200 with a file of this media type. */
    public static Answer file(String contentType, byte[] bytes) {
        return new Answer(200, contentType, bytes, null);
    }

    public static Answer notModified() {
        return new Answer(304, null, null);
    }

    public static Answer refused(Problem problem) {
        return new Answer(problem.code().status(), null, problem);
    }

    public Answer header(String name, String value) {
        headers.add(name);
        headers.add(value);
        return this;
    }

    /** Says so if this is the first answer to the key again. */
    public Answer replayed(boolean replayed) {
        return replayed ? header("Idempotent-Replayed", "true") : this;
    }

    int status() {
        return status;
    }

    String contentType() {
        return contentType;
    }

    /** Bytes that are written as they are, or what they are to be made of. */
    @Nullable
    Object body() {
        return body;
    }

    @Nullable
    Problem problem() {
        return problem;
    }

    List<String> headers() {
        return headers;
    }
}
