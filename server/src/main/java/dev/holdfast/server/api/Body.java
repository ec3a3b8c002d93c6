package dev.holdfast.server.api;

import dev.holdfast.engine.Location;
import dev.holdfast.engine.Quantity;
import dev.holdfast.engine.Sku;
import jakarta.servlet.http.HttpServletRequest;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * A request body while it is read: one JSON object whose fields are asked for by name and type. Nothing is coerced ({@code "1"}
 * and {@code 1.0} are no whole numbers), nothing unknown is let through, and everything that is wrong is collected, so that a
 * client sees it at once.
 *
 * <p>A field that is missing or wrong is noted and stands in with a placeholder; {@link #finish} throws before any
 * placeholder can be used. By hand rather than by data binding and bean validation: those stop at the first wrong type and
 * reflect for every request.
 */
public final class Body {
    /** A hold of 100 lines is at most about 70 KB. */
    static final int BYTES_MAX = 1 << 20;

    private static final String JSON = "application/json";

    private static final Sku NO_SKU = new Sku("?");
    private static final UUID NO_ID = new UUID(0, 0);

    private final JsonNode object;
    private final String path;
    private final List<Violation> violations;
    private final List<String> known = new ArrayList<>(6);

    private Body(JsonNode object, String path, List<Violation> violations) {
        this.object = object;
        this.path = path;
        this.violations = violations;
        if (!object.isObject()) {
            violations.add(new Violation(path, "must be an object"));
        }
    }

    /**
     * The body of a request, for calls without parameters.
     *
     * @throws ProblemException if it is larger than {@link #BYTES_MAX}, not declared as JSON, or none
     */
    public static Body read(HttpServletRequest request) {
        return read(request, BYTES_MAX);
    }

    /** The same with another bound. */
    static Body read(HttpServletRequest request, int bytesMax) {
        requireJson(request.getContentType());
        Query.requireNone(request);
        return new Body(parsed(bounded(request, bytesMax)), "", new ArrayList<>(0));
    }

    /** Whether a body is larger than {@link #BYTES_MAX}, or does not say how large it is. */
    static boolean mayBeLarge(HttpServletRequest request) {
        long announced = request.getContentLengthLong();
        return announced < 0 || announced > BYTES_MAX;
    }

    /** For calls without a body: {@code {}} will do, anything more is refused. */
    public static void requireNone(HttpServletRequest request) {
        boolean announced = request.getContentLengthLong() > 0 || request.getHeader("Transfer-Encoding") != null;
        byte[] bytes = announced ? bounded(request, BYTES_MAX) : new byte[0];
        Query.requireNone(request);
        if (bytes.length > 0) {
            new Body(parsed(bytes), "", new ArrayList<>(0)).finish(() -> bytes);
        }
    }

    /** For calls that need no body: without one it is as good as {@code {}}, which has no content type to speak of. */
    public static Body readIfAny(HttpServletRequest request) {
        boolean announced = request.getContentLengthLong() > 0 || request.getHeader("Transfer-Encoding") != null;
        byte[] bytes = announced ? bounded(request, BYTES_MAX) : new byte[0];
        Query.requireNone(request);
        JsonNode object = bytes.length == 0 ? Json.read("{}".getBytes(StandardCharsets.UTF_8)) : parsed(bytes);
        if (!object.isEmpty()) {
            requireJson(request.getContentType());
        }
        return new Body(object, "", new ArrayList<>(0));
    }

    public Sku sku(String field) {
        Sku sku = name(field, Sku::new);
        return sku == null ? NO_SKU : sku;
    }

    /** {@link Location#MAIN} if there is none. */
    public Location location(String field) {
        return isAbsent(field) ? Location.MAIN : requiredLocation(field);
    }

    public Location requiredLocation(String field) {
        Location location = name(field, Location::new);
        return location == null ? Location.MAIN : location;
    }

    public Quantity quantity(String field) {
        return Quantity.of(number(field, Quantity.MIN, Quantity.MAX));
    }

    public long number(String field, long min, long max) {
        JsonNode node = present(field);
        Long number = node == null ? null : whole(field, node, min, max);
        return number == null ? Math.clamp(1, min, max) : number;
    }

    public @Nullable Long optionalNumber(String field, long min, long max) {
        return isAbsent(field) ? null : whole(field, object.path(field), min, max);
    }

    public String text(String field, int lengthMax) {
        JsonNode node = present(field);
        String text = node == null ? null : notBlank(field, text(field, node, lengthMax));
        return text == null ? "" : text;
    }

    /** A text that something is found by ({@link Query#words}). */
    public @Nullable String optionalWords(String field, int lengthMax) {
        return isAbsent(field) ? null : notBlank(field, text(field, object.path(field), lengthMax));
    }

    private @Nullable String notBlank(String field, @Nullable String text) {
        if (text != null && text.isBlank()) {
            wrong(field, "must not be blank");
        }
        return text;
    }

    public @Nullable String optionalText(String field, int lengthMax) {
        return isAbsent(field) ? null : text(field, object.path(field), lengthMax);
    }

    /** A text that may have several lines. */
    public @Nullable String optionalLines(String field, int lengthMax) {
        return isAbsent(field) ? null : text(field, object.path(field), lengthMax, true);
    }

    /** A text that is made into something; what the type's {@link IllegalArgumentException} says is what is wrong. */
    public <T> @Nullable T optional(String field, Function<String, T> type) {
        return isAbsent(field) ? null : name(field, type);
    }

    /** One of the names of an enum; its first one stands in for one that is missing or wrong. */
    public <E extends Enum<E>> E choice(String field, Class<E> type) {
        JsonNode node = present(field);
        E choice = node == null ? null : choice(field, node, type);
        return choice == null ? type.getEnumConstants()[0] : choice;
    }

    public <E extends Enum<E>> @Nullable E optionalChoice(String field, Class<E> type) {
        return isAbsent(field) ? null : choice(field, object.path(field), type);
    }

    public @Nullable Double optionalDecimal(String field, double min, double max) {
        return isAbsent(field) ? null : decimal(field, object.path(field), min, max);
    }

    /** One or more numbers by what their names are made into, in their order; null if there are none. */
    public <T> @Nullable Map<T, Double> optionalDecimals(
            String field, int sizeMax, Function<String, T> name, double min, double max) {
        if (isAbsent(field)) {
            return null;
        }
        Map<T, Double> decimals = new LinkedHashMap<>();
        JsonNode node = object.path(field);
        if (!node.isObject() || node.isEmpty() || node.size() > sizeMax) {
            wrong(field, "must be an object of 1 to " + sizeMax + " numbers");
            return decimals;
        }
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            try {
                T key = name.apply(entry.getKey());
                Double decimal = decimal(field + "." + entry.getKey(), entry.getValue(), min, max);
                if (decimal != null) {
                    decimals.put(key, decimal);
                }
            } catch (IllegalArgumentException e) {
                wrong(field, "has a name that " + Violation.withoutSubject(e));
            }
        }
        return decimals;
    }

    public @Nullable Boolean optionalFlag(String field) {
        if (isAbsent(field)) {
            return null;
        }
        if (!object.path(field).isBoolean()) {
            wrong(field, "must be true or false");
            return null;
        }
        return object.path(field).booleanValue();
    }

    /** {@link Query#id(String)} in the body; {@code 0…0} stands in for one that is missing or wrong. */
    public UUID id(String field) {
        JsonNode node = present(field);
        if (node == null) {
            return NO_ID;
        }
        try {
            return Query.id(node.isString() ? node.stringValue() : "");
        } catch (ProblemException e) {
            wrong(field, "must be a UUID");
            return NO_ID;
        }
    }

    public @Nullable UUID optionalId(String field) {
        return isAbsent(field) ? null : id(field);
    }

    /** Texts by name, in their order; none if there are none. */
    public Map<String, String> texts(String field, int sizeMax, int nameMax, int lengthMax) {
        Map<String, String> texts = new LinkedHashMap<>();
        if (isAbsent(field)) {
            return texts;
        }
        JsonNode node = object.path(field);
        if (!node.isObject() || node.size() > sizeMax) {
            wrong(field, "must be an object of at most " + sizeMax + " texts");
            return texts;
        }
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            String name = entry.getKey();
            if (name.isBlank() || name.length() > nameMax || !isPrintable(name)) {
                wrong(field, "must have names of 1 to " + nameMax + " printable characters");
                continue;
            }
            String text = text(field + "." + name, entry.getValue(), lengthMax);
            if (text != null) {
                texts.put(name, text);
            }
        }
        return texts;
    }

    /** Texts that are made into something; none if there are none. */
    public <T> List<T> optionalList(String field, int sizeMax, Function<String, T> type) {
        List<T> list = new ArrayList<>();
        if (isAbsent(field)) {
            return list;
        }
        JsonNode array = object.path(field);
        if (!array.isArray() || array.size() > sizeMax) {
            wrong(field, "must be a list of at most " + sizeMax + " elements");
            return list;
        }
        for (int i = 0; i < array.size(); i++) {
            T element = made(field + "[" + i + "]", array.get(i), type);
            if (element != null) {
                list.add(element);
            }
        }
        return list;
    }

    /** One or more texts, none twice, each made into something; null if there are none. */
    public <T> @Nullable List<T> optionalNames(String field, int sizeMax, Function<String, T> type) {
        if (isAbsent(field)) {
            return null;
        }
        List<T> names = new ArrayList<>();
        List<JsonNode> nodes = nodes(field, sizeMax);
        for (int i = 0; i < nodes.size(); i++) {
            T name = made(field + "[" + i + "]", nodes.get(i), type);
            if (names.contains(name)) {
                wrong(field + "[" + i + "]", "is there already");
            } else if (name != null) {
                names.add(name);
            }
        }
        return names;
    }

    /** An object within this one, read into the same collection of violations. */
    public <T> @Nullable T optionalObject(String field, Function<Body, T> type) {
        if (isAbsent(field)) {
            return null;
        }
        var body = new Body(object.path(field), at(field), violations);
        T made = type.apply(body);
        body.refuseUnknown();
        return made;
    }

    /** Each element read into the same collection of violations. */
    public <T> List<T> list(String field, int sizeMax, Function<Body, T> element) {
        List<JsonNode> nodes = nodes(field, sizeMax);
        List<T> elements = new ArrayList<>(nodes.size());
        for (int i = 0; i < nodes.size(); i++) {
            var body = new Body(nodes.get(i), at(field) + "[" + i + "]", violations);
            elements.add(element.apply(body));
            body.refuseUnknown();
        }
        return elements;
    }

    /** The same; none if there are none. */
    public <T> List<T> listIfAny(String field, int sizeMax, Function<Body, T> element) {
        return isAbsent(field) ? List.of() : list(field, sizeMax, element);
    }

    /** The same, which may also be an empty list; null if it is absent. */
    public <T> @Nullable List<T> optionalObjects(String field, int sizeMax, Function<Body, T> element) {
        if (isAbsent(field)) {
            return null;
        }
        return object.path(field).isArray() && object.path(field).isEmpty() ? List.of() : list(field, sizeMax, element);
    }

    /** Each element a body of its own: what is wrong with one is no fault of its neighbours. */
    public List<Body> parts(String field, int sizeMax) {
        List<Body> parts = new ArrayList<>();
        nodes(field, sizeMax).forEach(node -> parts.add(new Body(node, "", new ArrayList<>(0))));
        return parts;
    }

    /** The idempotency key of one part of a batch, taken as it is, whatever else is wrong; null if it is missing. */
    public @Nullable String key(String field) {
        if (isAbsent(field)) {
            return null;
        }
        if (!object.path(field).isString()) {
            wrong(field, "must be a text");
            return null;
        }
        return object.path(field).stringValue();
    }

    /**
     * Stops here if something is wrong so far.
     *
     * @throws ProblemException {@code invalid-request}
     */
    public void check() {
        if (!violations.isEmpty()) {
            throw Problem.invalid(violations).asException();
        }
    }

    /**
     * What was read, made into something, if nothing was wrong.
     *
     * @throws ProblemException {@code invalid-request} with everything that was
     */
    public <T> T finish(Supplier<T> result) {
        refuseUnknown();
        check();
        try {
            return result.get();
        } catch (IllegalArgumentException e) { // a rule over several fields
            throw Problem.invalid("", String.valueOf(e.getMessage())).asException();
        }
    }

    /** Notes something wrong that only the caller can see. */
    public void wrong(String field, String message) {
        violations.add(new Violation(at(field), message));
    }

    private List<JsonNode> nodes(String field, int sizeMax) {
        JsonNode array = present(field);
        if (array == null) {
            return List.of();
        }
        if (!array.isArray()) {
            wrong(field, "must be a list");
            return List.of();
        }
        if (array.isEmpty() || array.size() > sizeMax) {
            wrong(field, "must have 1 to " + sizeMax + " elements");
            return List.of();
        }
        return array.values().stream().toList();
    }

    private <T> @Nullable T name(String field, Function<String, T> type) {
        JsonNode node = present(field);
        return node == null ? null : made(field, node, type);
    }

    private <T> @Nullable T made(String field, JsonNode node, Function<String, T> type) {
        if (!node.isString()) {
            wrong(field, "must be a text");
            return null;
        }
        try {
            return type.apply(node.stringValue());
        } catch (IllegalArgumentException e) {
            wrong(field, Violation.withoutSubject(e));
            return null;
        }
    }

    private @Nullable Long whole(String field, JsonNode node, long min, long max) {
        if (!node.isIntegralNumber()) {
            wrong(field, "must be a whole number");
            return null;
        }
        if (!node.canConvertToLong() || node.longValue() < min || node.longValue() > max) {
            wrong(field, "must be " + min + " to " + max);
            return null;
        }
        return node.longValue();
    }

    private @Nullable Double decimal(String field, JsonNode node, double min, double max) {
        double value = node.isIntegralNumber() // of any length, which the node itself will not make a double of
                ? node.bigIntegerValue().doubleValue()
                : node.isNumber() ? node.doubleValue() : Double.NaN;
        if (!(value >= min && value <= max)) {
            wrong(field, "must be a number from " + min + " to " + max);
            return null;
        }
        return value;
    }

    private <E extends Enum<E>> @Nullable E choice(String field, JsonNode node, Class<E> type) {
        for (E choice : type.getEnumConstants()) {
            if (node.isString() && node.stringValue().equals(choice.name())) {
                return choice;
            }
        }
        wrong(
                field,
                "must be one of " + EnumSet.allOf(type).stream().map(Enum::name).collect(Collectors.joining(", ")));
        return null;
    }

    private @Nullable String text(String field, JsonNode node, int lengthMax) {
        return text(field, node, lengthMax, false);
    }

    private @Nullable String text(String field, JsonNode node, int lengthMax, boolean hasLines) {
        if (!node.isString()) {
            wrong(field, "must be a text");
            return null;
        }
        String text = node.stringValue();
        if (text.length() > lengthMax) {
            wrong(field, "must have at most " + lengthMax + " characters");
        } else if (text.chars().anyMatch(c -> isControl(c, hasLines))) {
            wrong(field, "must not contain control characters");
        } else if (text.codePoints().anyMatch(Body::isUnpaired)) {
            wrong(field, "must be valid Unicode");
        }
        return text;
    }

    /** Whether it has neither control characters nor halves of characters. */
    public static boolean isPrintable(String text) {
        return text.chars().noneMatch(Character::isISOControl)
                && text.codePoints().noneMatch(Body::isUnpaired);
    }

    private static boolean isControl(int c, boolean hasLines) {
        return Character.isISOControl(c) && !(hasLines && (c == '\n' || c == '\r' || c == '\t'));
    }

    private static boolean isUnpaired(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }

    private @Nullable JsonNode present(String field) {
        if (isAbsent(field)) {
            if (object.isObject()) {
                wrong(field, "is required");
            }
            return null;
        }
        return object.path(field);
    }

    /** Null means the same as absent: an optional field may be null, a required one not. */
    private boolean isAbsent(String field) {
        known.add(field);
        JsonNode node = object.path(field);
        return node.isNull() || node.isMissingNode();
    }

    private void refuseUnknown() {
        for (String field : object.propertyNames()) {
            if (!known.contains(field)) {
                String there = known.isEmpty() ? "there is none" : "there are " + String.join(", ", known);
                wrong(field, "is unknown; " + there);
            }
        }
    }

    private String at(String field) {
        return path.isEmpty() ? field : path + "." + field;
    }

    private static void requireJson(@Nullable String contentType) {
        requireType(contentType, List.of(JSON));
    }

    /**
     * Which of the types the body is declared as, in UTF-8.
     *
     * @throws ProblemException {@code unsupported-media-type} if it is none
     */
    static String requireType(@Nullable String contentType, List<String> types) {
        for (String type : types) {
            if (contentType != null && isType(contentType, type)) {
                return type;
            }
        }
        throw Problem.of(
                        ErrorCode.UNSUPPORTED_MEDIA_TYPE,
                        "Send the body as " + String.join(" or ", types) + " in UTF-8, not as "
                                + (contentType == null ? "nothing: Content-Type is missing" : contentType))
                .withHeader("Accept", String.join(", ", types))
                .asException();
    }

    private static boolean isType(String contentType, String type) {
        if (contentType.equals(type)) {
            return true;
        }
        String[] parts = contentType.toLowerCase(Locale.ROOT).split(";", -1);
        boolean isType = parts[0].strip().equals(type);
        for (int i = 1; i < parts.length; i++) {
            String parameter = parts[i].replaceAll("[\\s\"]", "");
            isType &= !parameter.startsWith("charset=") || parameter.equals("charset=utf-8");
        }
        return isType;
    }

    /** Never more than the limit in memory, whether or not the client announced its length. */
    static byte[] bounded(HttpServletRequest request, int bytesMax) {
        int announced = Math.toIntExact(Math.min(request.getContentLengthLong(), bytesMax + 1));
        if (announced > bytesMax) {
            throw tooLarge(bytesMax);
        }
        try {
            InputStream in = request.getInputStream();
            if (announced >= 0) { // exactly so many: readNBytes(int) would take 16 KB of memory for a hold's 50 bytes
                byte[] bytes = new byte[announced];
                if (in.readNBytes(bytes, 0, announced) < announced) {
                    throw new EOFException();
                }
                return bytes;
            }
            byte[] bytes = in.readNBytes(bytesMax + 1);
            if (bytes.length > bytesMax) {
                throw tooLarge(bytesMax);
            }
            return bytes;
        } catch (IOException e) {
            throw Problem.of(ErrorCode.MALFORMED_REQUEST, "The body ended early or is not encoded as announced")
                    .asException();
        }
    }

    private static ProblemException tooLarge(int bytesMax) {
        return Problem.of(ErrorCode.BODY_TOO_LARGE, "The body of this call has at most " + bytesMax + " bytes")
                .asException();
    }

    private static JsonNode parsed(byte[] bytes) {
        JsonNode node;
        try {
            node = Json.read(bytes);
        } catch (JacksonException e) {
            throw malformed(e.getOriginalMessage());
        }
        if (node instanceof MissingNode) {
            throw malformed("the body is empty");
        }
        return node;
    }

    private static ProblemException malformed(String detail) {
        return Problem.of(ErrorCode.MALFORMED_JSON, detail).asException();
    }
}
