/** What docs/reference/jpa.md says, on a real PostgreSQL with real threads; the wrong ways stand beside the right ones. */
@NullMarked
package dev.holdfast.samples.jpa;

import org.jspecify.annotations.NullMarked;
