/**
 * Holds and till sales over HTTP: {@code /v1/holds}, {@code /v1/sales}. Its entry is the HTTP contract; nothing is public.
 *
 * <p>May use: {@code dev.holdfast.server.api}, the engine, of {@code dev.holdfast.server.catalog} what is for sale.
 */
@NullMarked
package dev.holdfast.server.hold;

import org.jspecify.annotations.NullMarked;
