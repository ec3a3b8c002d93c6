/**
 * Venues and their maps: {@code /v1/venues}. Its entries are the HTTP contract and {@link dev.holdfast.server.venue.Venues}, which knows
 * every version of every map.
 *
 * <p>May use: {@code dev.holdfast.server.api}, {@code sql}, {@code audit}. Uses no other feature.
 */
@NullMarked
package dev.holdfast.server.venue;

import org.jspecify.annotations.NullMarked;
