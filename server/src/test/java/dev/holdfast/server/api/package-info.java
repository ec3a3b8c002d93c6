/** What can be tested of the shared contract without a server. */
@NullMarked
package dev.holdfast.server.api;

import org.jspecify.annotations.NullMarked;
