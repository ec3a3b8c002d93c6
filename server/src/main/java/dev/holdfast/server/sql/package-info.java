/**
 * What features share of the database: migrations with a history for each, and pages of what is newest. Features share no table.
 *
 * <p>May use: {@code dev.holdfast.server.api}, of which it is the cursors. Uses no feature.
 */
@NullMarked
package dev.holdfast.server.sql;

import org.jspecify.annotations.NullMarked;
