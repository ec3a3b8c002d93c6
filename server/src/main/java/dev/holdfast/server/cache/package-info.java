/**
 * Reads kept near: in memory, and in Redis for the other nodes. Never what is decided on.
 *
 * <p>In reading order: {@link dev.holdfast.server.cache.Changes} (what changed, and on which node that is not known yet), {@link
 * dev.holdfast.server.cache.ReadCache} (one cache), {@code SharedCopies} (its part in Redis), {@code CachesEndpoint} (is it the
 * cache?). The guarantees: {@code docs/reference/caches.md}.
 *
 * <p>May use: {@code dev.holdfast.server.api}, {@code dev.holdfast.server.redis}. Uses no feature.
 */
@NullMarked
package dev.holdfast.server.cache;

import org.jspecify.annotations.NullMarked;
