/**
 * Redis in front of the database: two more write paths, opened by {@link dev.holdfast.engine.redis.RedisWritePaths}. Needs {@code
 * io.lettuce:lettuce-core}, which the engine does not bring.
 *
 * <p>What Redis holds is never the truth about stock. It may be lost, late, paused or wrong at any moment: the database decides
 * every "yes", and no answer but a recent "no" of the database is ever given without it.
 *
 * <p>In reading order: {@code RedisLock} and {@code RedisCounter} (the two guards), {@code Reconciler} (heals the counters),
 * {@code Redis} (calls with a bound on time, and a breaker).
 */
@NullMarked
package dev.holdfast.engine.redis;

import org.jspecify.annotations.NullMarked;
