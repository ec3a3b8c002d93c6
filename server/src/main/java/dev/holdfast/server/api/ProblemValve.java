package dev.holdfast.server.api;

import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;

/**
 * Answers for requests that Tomcat refuses before they reach the application: characters that no URL may have, headers too
 * large, chunks that are none. Public with a public constructor because Tomcat makes it by its name.
 */
public final class ProblemValve extends ErrorReportValve {
    public ProblemValve() {}

    @Override
    protected void report(Request request, Response response, @Nullable Throwable thrown) {
        int status = response.getStatus();
        if (status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
            return;
        }
        try {
            AnswerWriter.write(request, response, problem(status));
            response.finishResponse();
        } catch (IOException e) {
            container.getLogger().debug("nobody is left to answer to", e);
        }
    }

    private static Problem problem(int status) {
        return switch (status) {
            case 404 -> Problem.of(ErrorCode.NOT_FOUND, "The calls are listed at /v3/api-docs and /swagger-ui.html");
            case 405 -> Problem.of(ErrorCode.METHOD_NOT_ALLOWED, "No path takes this method");
            case 413 -> Problem.of(ErrorCode.BODY_TOO_LARGE, "A body has at most " + Body.BYTES_MAX + " bytes");
            case 500 -> Problem.of(ErrorCode.INTERNAL_ERROR, "It is in the server's log");
            case 503 -> Problem.of(ErrorCode.SHUTTING_DOWN, "Nothing was taken; send the same request again");
            default ->
                Problem.of(
                        ErrorCode.MALFORMED_REQUEST,
                        "The request line or a header has characters that HTTP does not allow, or is too long");
        };
    }
}
