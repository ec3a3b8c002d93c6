@NullMarked
package dev.holdfast.server.sql;

import org.jspecify.annotations.NullMarked;
