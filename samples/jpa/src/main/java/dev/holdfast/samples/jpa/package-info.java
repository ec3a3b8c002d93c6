/** Three ways for a Spring Data JPA application not to oversell. The page is docs/reference/jpa.md; the tests prove it. */
@NullMarked
package dev.holdfast.samples.jpa;

import org.jspecify.annotations.NullMarked;
