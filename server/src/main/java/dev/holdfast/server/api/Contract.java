package dev.holdfast.server.api;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What one call takes and answers, for {@code /v3/api-docs}. The conventions that all calls share are added there. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Contract {
    /** How a call treats the header {@code Idempotency-Key}. */
    enum KeyUse {
        NONE,
        OPTIONAL,
        REQUIRED
    }

    /** The status of success. */
    int status() default 200;

    /** Whether it may also be answered with 202 and the same: it is on its way. */
    boolean mayTakeLonger() default false;

    /** What success says; {@code void}: nothing. */
    Class<?> answer() default void.class;

    /** The media type of an answer that is a file. */
    String file() default "";

    /** Whether the answer is a list of these. */
    boolean isList() default false;

    /** The body it takes; {@code void}: none. */
    Class<?> body() default void.class;

    /** Whether it can do without. */
    boolean isBodyOptional() default false;

    /** Whether the body, or without one the answer, is also there as {@code text/csv}. */
    boolean hasCsv() default false;

    KeyUse key() default KeyUse.NONE;

    /** Whether the answer has an {@code ETag}. */
    boolean hasEtag() default false;

    /** Whether it takes {@code If-Match}. */
    boolean takesIfMatch() default false;

    /** Whether it takes {@code Holdfast-Actor} and {@code Holdfast-Reason}: who asks, and why. */
    boolean takesCaller() default false;

    /** Beyond those that any call can get: what its rules may refuse. */
    ErrorCode[] problems() default {};
}
