@NullMarked
package dev.holdfast.storm;

import org.jspecify.annotations.NullMarked;
