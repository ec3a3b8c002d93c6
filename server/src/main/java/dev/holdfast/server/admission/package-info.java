/**
 * Tickets for paid places, their codes, and who was let in: {@code /v1/tickets}, {@code /v1/orders/{id}/tickets}, {@code
 * /v1/events/{id}/check-ins}. It reads the log of orders; no other feature knows of it.
 *
 * <p>May use: {@code dev.holdfast.server.api}, {@code sql}, {@code audit}, {@code order}, {@code ticketing}, the engine. Is used by no other
 * feature.
 */
@NullMarked
package dev.holdfast.server.admission;

import org.jspecify.annotations.NullMarked;
