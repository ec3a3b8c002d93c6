/**
 * What people find and edit: products with their SKUs, and locations: {@code /v1/products}, {@code /v1/locations}. Its entries
 * are the HTTP contract, {@link dev.holdfast.server.catalog.ForSale}, which tells other features what may be promised, {@link
 * dev.holdfast.server.catalog.LocationOrder}, from where first, and {@link dev.holdfast.server.catalog.Prices}, at what price.
 *
 * <p>May use: {@code dev.holdfast.server.api}, {@code sql}, {@code audit}, {@code cache}, {@code availability}, {@code redis}, the engine. Uses no other feature.
 */
@NullMarked
package dev.holdfast.server.catalog;

import org.jspecify.annotations.NullMarked;
