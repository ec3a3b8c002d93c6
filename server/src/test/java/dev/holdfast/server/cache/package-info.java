@NullMarked
package dev.holdfast.server.cache;

import org.jspecify.annotations.NullMarked;
