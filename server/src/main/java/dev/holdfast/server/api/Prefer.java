package dev.holdfast.server.api;

import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.regex.Pattern;

/** What a client would like: {@code Prefer} (RFC 7240). */
public final class Prefer {
    private static final Pattern WAIT = Pattern.compile("(?:^|[,;])\\s*wait\\s*=\\s*\"?(\\d{1,9})\"?\\s*(?:$|[,;])");

    private Prefer() {}

    /** How long the server may take to answer: {@code wait=5}, in seconds. At most, and without the header, this long. */
    public static Duration wait(HttpServletRequest request, Duration max) {
        String header = request.getHeader("Prefer");
        var wait = WAIT.matcher(header == null ? "" : header);
        if (!wait.find()) {
            return max;
        }
        var wanted = Duration.ofSeconds(Long.parseLong(wait.group(1)));
        return wanted.compareTo(max) < 0 ? wanted : max;
    }
}
