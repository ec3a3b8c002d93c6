/**
 * Which seats: a pure library without Spring, I/O, clock or chance. Whoever wants seats without naming them asks {@link
 * dev.holdfast.server.seating.Chooser}; whoever names them asks {@link dev.holdfast.server.seating.Orphans} what that would leave single.
 *
 * <p>In reading order: {@link dev.holdfast.server.seating.SeatPlan} (a map, compiled) with {@code ViewCost} (what a seat is worth), {@code
 * Chooser} (every rule of who may sit where), {@code SideBySide} (one block), {@code FewGroups} and {@code Anywhere} (more), {@code
 * Selection} with {@code Pattern} (how those two find the best of all choices).
 *
 * <p>It knows nothing of holds: it is told what is free, and its answer may be gone by the time it is asked for. The engine decides.
 *
 * <p>May use: the map of {@code dev.holdfast.server.venue}. Uses no other feature.
 */
@NullMarked
package dev.holdfast.server.seating;

import org.jspecify.annotations.NullMarked;
