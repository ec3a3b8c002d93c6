/** The contract over real HTTP on a real PostgreSQL; nothing of ours is mocked. */
@NullMarked
package dev.holdfast.server;

import org.jspecify.annotations.NullMarked;
