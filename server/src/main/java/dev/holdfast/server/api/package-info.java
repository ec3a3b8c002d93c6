/**
 * What all features share of the HTTP contract: problems and their codes, strict reading of bodies and queries, idempotency
 * keys, entity tags, traces.
 *
 * <p>May use: the engine's value types and outcomes. Uses no feature.
 */
@NullMarked
package dev.holdfast.server.api;

import org.jspecify.annotations.NullMarked;
