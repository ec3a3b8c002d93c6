/**
 * The stock engine: decides who gets which units, once, durably, however many ask at the same instant.
 *
 * <p>Entry point is {@link dev.holdfast.engine.StockEngine}. Everything that changes a number is a {@link
 * dev.holdfast.engine.Command}; every answer is an {@link dev.holdfast.engine.Outcome}. A business "no" is an outcome; an
 * {@link dev.holdfast.engine.EngineFailure} is thrown when something broke.
 *
 * <p>The hot path, in reading order: {@code Lane} (collects what waits into one batch), {@code Decider} (the rules, pure),
 * {@code Batch} (the state they see), {@code Store} (two round trips of SQL).
 */
@NullMarked
package dev.holdfast.engine;

import org.jspecify.annotations.NullMarked;
