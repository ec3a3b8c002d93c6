package dev.holdfast.server.api;

import dev.holdfast.engine.Location;
import dev.holdfast.engine.Sku;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Query parameters while they are read; as strict as {@link Body}, and like it collecting what is wrong. */
public final class Query {
    private static final Sku NO_SKU = new Sku("?");
    private static final Instant MOMENT_MAX = Instant.parse("9999-12-31T00:00:00Z");

    private final HttpServletRequest request;
    private final List<String> known = new ArrayList<>(4);
    private final List<Violation> violations = new ArrayList<>(0);

    private Query(HttpServletRequest request) {
        this.request = request;
    }

    public static Query of(HttpServletRequest request) {
        return new Query(request);
    }

    /**
     * For calls without parameters.
     *
     * @throws ProblemException {@code invalid-request} if there is one
     */
    static void requireNone(HttpServletRequest request) {
        if (request.getQueryString() != null) {
            of(request).finish(() -> request);
        }
    }

    /** A location from the path. */
    public Location locationOf(String value) {
        Location location = name("code", value, Location::new);
        return location == null ? Location.MAIN : location;
    }

    /** A SKU from the path. */
    public Sku sku(String value) {
        Sku sku = name("sku", value, Sku::new);
        return sku == null ? NO_SKU : sku;
    }

    public List<Sku> skus(String parameter, int countMax) {
        known.add(parameter);
        String[] values = request.getParameterValues(parameter);
        if (values == null || values.length > countMax) {
            violations.add(new Violation(parameter, "must be there 1 to " + countMax + " times"));
            return List.of();
        }
        List<Sku> skus = new ArrayList<>(values.length);
        for (String value : values) {
            Sku sku = name(parameter, value, Sku::new);
            if (sku != null) {
                skus.add(sku);
            }
        }
        return skus;
    }

    public @Nullable Location location(String parameter) {
        String value = text(parameter);
        return value == null ? null : name(parameter, value, Location::new);
    }

    /** A SKU in a parameter; null: none. */
    public @Nullable Sku optionalSku(String parameter) {
        String value = text(parameter);
        return value == null ? null : name(parameter, value, Sku::new);
    }

    /** One of the names of an enum; null: none. */
    public <E extends Enum<E>> @Nullable E choice(String parameter, Class<E> type) {
        String value = text(parameter);
        return value == null ? null : name(parameter, value, name -> choice(type, name));
    }

    /** What somebody looks for: 1 to so many printable characters; null: nothing. */
    public @Nullable String words(String parameter, int lengthMax) {
        String value = text(parameter);
        if (value != null && (value.isBlank() || value.length() > lengthMax || !Body.isPrintable(value))) {
            violations.add(new Violation(parameter, "must have 1 to " + lengthMax + " printable characters"));
        }
        return value;
    }

    public int number(String parameter, int min, int max, int otherwise) {
        String value = text(parameter);
        if (value == null) {
            return otherwise;
        }
        // No sign, no white space, no other script's digits, all of which Integer.parseInt would take.
        boolean digits =
                !value.isEmpty() && value.length() <= 9 && value.chars().allMatch(c -> c >= '0' && c <= '9');
        int number = digits ? Integer.parseInt(value) : min - 1;
        if (number < min || number > max) {
            violations.add(new Violation(parameter, "must be a whole number, " + min + " to " + max));
        }
        return number;
    }

    /** A version, or a sum of versions; null: none. */
    public @Nullable Long version(String parameter) {
        String value = text(parameter);
        if (value == null) {
            return null;
        }
        boolean digits =
                !value.isEmpty() && value.length() <= 18 && value.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!digits) {
            violations.add(new Violation(parameter, "must be a version, such as 7"));
        }
        return digits ? Long.valueOf(value) : null;
    }

    /** A moment; null: none. */
    public @Nullable Instant time(String parameter) {
        String value = text(parameter);
        return value == null ? null : name(parameter, value, Query::moment);
    }

    public @Nullable String text(String parameter) {
        known.add(parameter);
        String[] values = request.getParameterValues(parameter);
        if (values != null && values.length > 1) {
            violations.add(new Violation(parameter, "must be there once"));
        }
        return values == null ? null : values[0];
    }

    /**
     * What was read, made into something, if nothing was wrong.
     *
     * @throws ProblemException {@code invalid-request} with everything that was
     */
    public <T> T finish(Supplier<T> result) {
        request.getParameterMap().keySet().stream()
                .filter(name -> !known.contains(name))
                .forEach(name -> violations.add(new Violation(name, "is an unknown parameter")));
        if (!violations.isEmpty()) {
            throw Problem.invalid(violations).asException();
        }
        return result.get();
    }

    /**
     * An id from the path.
     *
     * @throws ProblemException if it is not a UUID in its usual form; {@link UUID#fromString} alone also takes "1-1-1-1-1"
     */
    public static UUID id(String value) {
        if (value.length() == 36) {
            try {
                return UUID.fromString(value);
            } catch (IllegalArgumentException e) {
                // answered below
            }
        }
        throw Problem.invalid("id", "must be a UUID").asException();
    }

    /** Between years that every database knows. */
    private static Instant moment(String text) {
        try {
            Instant moment = Instant.parse(text);
            if (moment.isAfter(Instant.EPOCH) && moment.isBefore(MOMENT_MAX)) {
                return moment;
            }
        } catch (DateTimeParseException e) {
            // answered below
        }
        throw new IllegalArgumentException("must be a time after 1970 such as 2026-11-20T12:00:00Z");
    }

    private static <E extends Enum<E>> E choice(Class<E> type, String name) {
        for (E choice : type.getEnumConstants()) {
            if (choice.name().equals(name)) {
                return choice;
            }
        }
        throw new IllegalArgumentException("must be one of " + List.of(type.getEnumConstants()));
    }

    private <T> @Nullable T name(String field, String value, Function<String, T> type) {
        try {
            return type.apply(value);
        } catch (IllegalArgumentException e) {
            violations.add(new Violation(field, Violation.withoutSubject(e)));
            return null;
        }
    }
}
