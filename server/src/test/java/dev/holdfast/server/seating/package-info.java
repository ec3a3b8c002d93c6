@NullMarked
package dev.holdfast.server.seating;

import org.jspecify.annotations.NullMarked;
