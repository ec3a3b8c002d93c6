/**
 * The server's connection to Redis, for what is only there for speed. Its entry is {@link dev.holdfast.server.redis.RedisLink}.
 *
 * <p>May use: the engine's settings for clients of Redis. Uses no feature.
 */
@NullMarked
package dev.holdfast.server.redis;

import org.jspecify.annotations.NullMarked;
