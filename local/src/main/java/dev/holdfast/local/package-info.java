/**
 * Real PostgreSQL and Redis on this machine, for the first run and the tests, and the one running Holdfast of a data directory.
 * Plain Java; used by the local profile of the server, by tests and by the launcher. Uses no other module.
 */
@NullMarked
package dev.holdfast.local;

import org.jspecify.annotations.NullMarked;
