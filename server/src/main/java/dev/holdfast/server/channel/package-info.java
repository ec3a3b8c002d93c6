/**
 * Tills that were away: {@code /v1/holds/{id}/settlements}. Its entry is the HTTP contract; nothing is public. What a channel may take
 * is decided in the engine.
 *
 * <p>May use: {@code dev.holdfast.server.api}, the engine.
 */
@NullMarked
package dev.holdfast.server.channel;

import org.jspecify.annotations.NullMarked;
