@NullMarked
package dev.holdfast.server.order;

import org.jspecify.annotations.NullMarked;
