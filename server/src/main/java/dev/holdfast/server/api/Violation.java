package dev.holdfast.server.api;

/**
 * One thing that is wrong with a request.
 *
 * @param field where: a path in the body such as {@code lines[2].quantity}, or the name of a parameter or header; empty for the
 *     body as a whole
 */
public record Violation(String field, String message) {
    @Override
    public String toString() {
        return field.isEmpty() ? message : field + " " + message;
    }

    /** The engine's messages begin with their own name of the field: "location must have …" for {@code from}. */
    static String withoutSubject(IllegalArgumentException refusal) {
        String message = String.valueOf(refusal.getMessage());
        int must = message.indexOf("must ");
        return must < 0 ? message : message.substring(must);
    }
}
