/** Comparisons, side by side in one run on one database: write paths, and HTTP against an endpoint that does nothing. */
@NullMarked
package dev.holdfast.bench;

import org.jspecify.annotations.NullMarked;
