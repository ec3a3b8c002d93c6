package dev.holdfast.server.api;

import dev.holdfast.engine.Level;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Versions of stocks, products and locations as entity tags: {@code ETag}, {@code If-Match}, {@code If-None-Match} (RFC 9110, section 13). */
public final class Versions {
    public static final String ETAG = "ETag";
    private static final String IF_MATCH = "If-Match";

    /** The digits of the largest long. */
    private static final int DIGITS_MAX = 19;

    private Versions() {}

    public static String etag(long version) {
        return "\"" + version + "\"";
    }

    /**
     * The versions of all locations in their order, {@code "7.3"}; of a single one just its version. Unambiguous: versions only
     * grow, and a location never goes away.
     */
    public static String etag(List<Level> levels) {
        return levels.stream()
                .map(level -> Long.toString(level.version()))
                .collect(Collectors.joining(".", "\"", "\""));
    }

    /**
     * The version that a write expects; null if any will do: no header, or {@code *}.
     *
     * @throws ProblemException if the header is not one strong entity tag of one version
     */
    public static @Nullable Long ifMatch(HttpServletRequest request) {
        String value = request.getHeader(IF_MATCH);
        if (value == null || value.equals("*")) {
            return null;
        }
        boolean digits = value.length() > 2
                && value.length() <= DIGITS_MAX + 2
                && value.charAt(0) == '"'
                && value.charAt(value.length() - 1) == '"'
                && value.substring(1, value.length() - 1).chars().allMatch(c -> c >= '0' && c <= '9');
        if (digits) {
            try {
                return Long.valueOf(value.substring(1, value.length() - 1));
            } catch (NumberFormatException e) {
                // 19 digits beyond the largest long: no version of ours, answered below
            }
        }
        throw Problem.invalid(IF_MATCH, "must be one version in quotes, such as \"7\", or *")
                .asException();
    }

    /**
     * {@link #ifMatch} of a write that cannot do without, because it would take back what somebody else wrote meanwhile.
     *
     * @throws ProblemException {@code if-match-required}
     */
    public static @Nullable Long requiredIfMatch(HttpServletRequest request) {
        if (request.getHeader(IF_MATCH) == null) {
            throw Problem.of(
                            ErrorCode.IF_MATCH_REQUIRED,
                            "Send the ETag of what you have read as If-Match, or * to overwrite whatever is there")
                    .asException();
        }
        return ifMatch(request);
    }

    /** For writes that have no expected version: better refused than ignored. */
    public static void refuseIfMatch(HttpServletRequest request) {
        if (request.getHeader(IF_MATCH) != null) {
            throw Problem.invalid(IF_MATCH, "is not supported by this call").asException();
        }
    }

    /** Whether a write expects something to be there: a version, or {@code *} for any. */
    public static boolean isConditional(HttpServletRequest request) {
        return request.getHeader(IF_MATCH) != null;
    }

    /** The answer to a read that has an entity tag: 304 if the client has it already. */
    public static Answer tagged(HttpServletRequest request, String etag, Object body) {
        Answer answer = isKnown(request, etag) ? Answer.notModified() : Answer.ok(body);
        return answer.header(ETAG, etag).header("Cache-Control", "no-cache");
    }

    /** Whether the client has this version already. Weak comparison, as the RFC wants it here. */
    public static boolean isKnown(HttpServletRequest request, String etag) {
        String value = request.getHeader("If-None-Match");
        if (value == null) {
            return false;
        }
        if (value.strip().equals("*")) {
            return true;
        }
        for (String tag : value.split(",", -1)) { // our tags have no comma
            if (opaque(tag.strip()).equals(opaque(etag))) {
                return true;
            }
        }
        return false;
    }

    private static String opaque(String tag) {
        return tag.startsWith("W/") ? tag.substring(2) : tag;
    }
}
