/**
 * What is true right now: {@code /v1/invariants}. Its entry is the HTTP contract; nothing is public.
 *
 * <p>May use: {@code dev.holdfast.server.api}, the engine. Uses no other feature.
 */
@NullMarked
package dev.holdfast.server.ops;

import org.jspecify.annotations.NullMarked;
