/**
 * How much may still be promised of a SKU, from memory: for pages, never to decide. Its entry is {@link
 * dev.holdfast.server.availability.Availability}.
 *
 * <p>May use: the engine, {@code dev.holdfast.server.cache}. Uses no feature.
 */
@NullMarked
package dev.holdfast.server.availability;

import org.jspecify.annotations.NullMarked;
