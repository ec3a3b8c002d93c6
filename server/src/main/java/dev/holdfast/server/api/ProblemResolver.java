package dev.holdfast.server.api;

import dev.holdfast.engine.EngineFailure;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Set;
import org.apache.catalina.connector.ClientAbortException;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.dao.DataAccessException;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.NoHandlerFoundException;
import org.springframework.web.servlet.resource.NoResourceFoundException;

/** The one place where an exception becomes an answer. */
@Component
final class ProblemResolver implements HandlerExceptionResolver, Ordered {
    private static final Logger LOG = LoggerFactory.getLogger(ProblemResolver.class);

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }

    @Override
    public ModelAndView resolveException(
            HttpServletRequest request, HttpServletResponse response, @Nullable Object handler, Exception e) {
        if (e instanceof ClientAbortException || response.isCommitted()) {
            LOG.debug("nobody is left to answer to", e);
            return new ModelAndView();
        }
        try {
            response.reset(); // what a call had set before it broke off is no part of the problem
            AnswerWriter.write(request, response, problem(e));
        } catch (IOException unwritable) {
            throw new UncheckedIOException(unwritable);
        }
        return new ModelAndView();
    }

    static Problem problem(Exception e) {
        return switch (e) {
            case ProblemException known -> known.problem();
            case EngineFailure failure -> {
                Problem problem = Refusals.of(failure);
                yield problem == null ? internal(failure) : problem;
            }
            case DataAccessException _, TransactionException _ when isAway(e) -> Refusals.unavailable();
            case InvalidParameterException _ ->
                Problem.of(ErrorCode.MALFORMED_REQUEST, "The query is not percent-encoded UTF-8");
            case NoHandlerFoundException _, NoResourceFoundException _ ->
                Problem.of(ErrorCode.NOT_FOUND, "The calls are listed at /v3/api-docs and /swagger-ui.html");
            case HttpRequestMethodNotSupportedException refused -> methodNotAllowed(refused);
            case HttpMediaTypeNotAcceptableException refused ->
                Problem.of(
                        ErrorCode.NOT_ACCEPTABLE,
                        "Answers are " + MediaType.toString(refused.getSupportedMediaTypes())
                                + ", errors application/problem+json");
            case HttpMediaTypeNotSupportedException _ ->
                Problem.of(ErrorCode.UNSUPPORTED_MEDIA_TYPE, "Send the body as application/json");
            default -> internal(e);
        };
    }

    /**
     * Whether somewhere behind it is a lost connection (class 08), a database that stops (57P) or has no room (53), a deadlock (40), or a
     * lock (55P03) or statement (57014) that took too long: it may work next time.
     */
    private static boolean isAway(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                String state = String.valueOf(sql.getSQLState());
                if (sql instanceof SQLTransientConnectionException
                        || state.startsWith("08")
                        || state.startsWith("57")
                        || state.startsWith("40")
                        || state.equals("55P03")
                        || state.startsWith("53")) {
                    return true;
                }
            }
        }
        return false;
    }

    private static Problem methodNotAllowed(HttpRequestMethodNotSupportedException refused) {
        Set<?> methods = refused.getSupportedHttpMethods();
        String allowed = methods == null
                ? ""
                : String.join(
                        ", ", methods.stream().map(Object::toString).sorted().toList());
        return Problem.of(ErrorCode.METHOD_NOT_ALLOWED, refused.getMethod() + " is none of " + allowed)
                .withHeader("Allow", allowed);
    }

    /** The cause is for the log only: it may name tables, hosts, other people's data. */
    static Problem internal(Throwable e) {
        LOG.error("unforeseen", e);
        return Problem.of(ErrorCode.INTERNAL_ERROR, "It is in the server's log under this traceId");
    }
}
