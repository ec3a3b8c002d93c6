package dev.holdfast.server.api;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodReturnValueHandler;
import org.springframework.web.method.support.ModelAndViewContainer;

/** Writes answers and problems to the response, as bytes with a known length. */
final class AnswerWriter implements HandlerMethodReturnValueHandler {
    @Override
    public boolean supportsReturnType(MethodParameter returnType) {
        return returnType.getParameterType() == Answer.class;
    }

    @Override
    public void handleReturnValue(
            @Nullable Object value, MethodParameter type, ModelAndViewContainer container, NativeWebRequest exchange)
            throws IOException {
        container.setRequestHandled(true);
        var request = exchange.getNativeRequest(HttpServletRequest.class);
        var response = exchange.getNativeResponse(HttpServletResponse.class);
        if (request == null || response == null || !(value instanceof Answer answer)) {
            throw new IllegalStateException("a call without an answer: " + type);
        }
        for (int i = 0; i < answer.headers().size(); i += 2) {
            response.setHeader(answer.headers().get(i), answer.headers().get(i + 1));
        }
        if (answer.problem() != null) {
            write(request, response, answer.problem());
            return;
        }
        response.setStatus(answer.status());
        Object body = answer.body();
        if (body != null) {
            write(response, answer.contentType(), body instanceof byte[] bytes ? bytes : Json.write(body));
        }
    }

    static void write(HttpServletRequest request, HttpServletResponse response, Problem problem) throws IOException {
        Trace trace = Trace.of(request);
        problem.headers().forEach(response::setHeader);
        response.setHeader(Trace.HEADER, trace.header());
        response.setStatus(problem.code().status());
        String path = request.getRequestURI();
        write(
                response,
                "application/problem+json",
                Json.write(problem.body(path == null ? "/" : path, trace.traceId())));
    }

    private static void write(HttpServletResponse response, String contentType, byte[] bytes) throws IOException {
        response.setContentType(contentType);
        response.setContentLength(bytes.length);
        response.getOutputStream().write(bytes);
    }
}
