/**
 * Stock levels and what people do to them, over HTTP: {@code /v1/stock}, {@code /v1/availability}. Its entry is the HTTP
 * contract; nothing is public.
 *
 * <p>May use: {@code dev.holdfast.server.api}, {@code availability}, the engine, of {@code dev.holdfast.server.catalog} what may be
 * received.
 */
@NullMarked
package dev.holdfast.server.stock;

import org.jspecify.annotations.NullMarked;
