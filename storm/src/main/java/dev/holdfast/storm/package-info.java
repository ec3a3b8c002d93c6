/**
 * The storm: many buyers at once against a running Holdfast, then a check from the outside of everything they were
 * told. It speaks the HTTP contract (and, for the negative control, SQL) and knows no class of the other modules.
 */
@NullMarked
package dev.holdfast.storm;

import org.jspecify.annotations.NullMarked;
