/**
 * The application: puts engine, features and configuration together, and runs them.
 *
 * <p>May use: everything. Nothing uses it.
 */
@NullMarked
package dev.holdfast.server;

import org.jspecify.annotations.NullMarked;
