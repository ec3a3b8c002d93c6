@NullMarked
package dev.holdfast.server.payment;

import org.jspecify.annotations.NullMarked;
