/**
 * Events on a venue, their seats and the rules of their sale: {@code /v1/events}. A seat is a stock of one unit, an area one of many; this
 * package chooses which, and places one hold. It decides nothing about stock: what must not happen, the engine refuses.
 *
 * <p>May use: {@code dev.holdfast.server.api}, {@code sql}, {@code audit}, {@code venue}, {@code seating}, the engine, of {@code catalog} the
 * interface by which other features sell. Uses no other feature.
 */
@NullMarked
package dev.holdfast.server.ticketing;

import org.jspecify.annotations.NullMarked;
