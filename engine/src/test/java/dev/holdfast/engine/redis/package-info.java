@NullMarked
package dev.holdfast.engine.redis;

import org.jspecify.annotations.NullMarked;
