@NullMarked
package dev.holdfast.server.checkout;

import org.jspecify.annotations.NullMarked;
