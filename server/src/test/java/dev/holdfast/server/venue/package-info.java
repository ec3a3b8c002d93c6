@NullMarked
package dev.holdfast.server.venue;

import org.jspecify.annotations.NullMarked;
