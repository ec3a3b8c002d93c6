package dev.holdfast.server.api;

import jakarta.servlet.ServletRequest;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * What ties the log lines, problems and events of one request together: W3C Trace Context, level 1. The trace is the caller's if
 * it sent a valid {@code traceparent}, else a new one; the span is ours.
 *
 * @param traceId 32 lower-case hexadecimal digits, not all 0
 * @param spanId 16 of them
 * @param flags 2 of them
 */
record Trace(String traceId, String spanId, String flags) {
    static final String HEADER = "traceparent";
    private static final String ATTRIBUTE = Trace.class.getName();

    /** version 00: {@code 00-<32 trace>-<16 parent>-<2 flags>}; later versions may be longer. */
    private static final int LENGTH = 55;

    private static final String SAMPLED = "01";

    static Trace of(@Nullable String traceparent) {
        if (traceparent == null || !isValid(traceparent)) {
            return new Trace(randomHex() + randomHex(), randomHex(), SAMPLED);
        }
        return new Trace(traceparent.substring(3, 35), randomHex(), traceparent.substring(53, 55));
    }

    /** The request's own; a new one where it was refused before it had any. */
    static Trace of(ServletRequest request) {
        if (request.getAttribute(ATTRIBUTE) instanceof Trace trace) {
            return trace;
        }
        Trace trace = of((String) null);
        trace.attachTo(request);
        return trace;
    }

    void attachTo(ServletRequest request) {
        request.setAttribute(ATTRIBUTE, this);
    }

    String header() {
        return "00-" + traceId + "-" + spanId + "-" + flags;
    }

    private static boolean isValid(String value) {
        if (value.length() < LENGTH || value.startsWith("ff")) {
            return false;
        }
        boolean isLonger = value.length() > LENGTH;
        if (isLonger && (value.startsWith("00") || value.charAt(LENGTH) != '-')) {
            return false;
        }
        for (int i = 0; i < LENGTH; i++) {
            char c = value.charAt(i);
            boolean dash = i == 2 || i == 35 || i == 52;
            boolean hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
            if (dash ? c != '-' : !hex) {
                return false;
            }
        }
        return !isZero(value, 3, 35) && !isZero(value, 36, 52);
    }

    private static boolean isZero(String value, int from, int to) {
        for (int i = from; i < to; i++) {
            if (value.charAt(i) != '0') {
                return false;
            }
        }
        return true;
    }

    /** 16 digits, at least one of them not 0. */
    private static String randomHex() {
        long bits = ThreadLocalRandom.current().nextLong() | 1;
        char[] digits = new char[16];
        for (int i = 0; i < 16; i++) {
            digits[i] = Character.forDigit((int) (bits >>> (60 - 4 * i)) & 0xF, 16);
        }
        return new String(digits);
    }
}
