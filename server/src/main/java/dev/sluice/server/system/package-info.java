/** What the operating system knows of this process. */
@NullMarked
package dev.sluice.server.system;

import org.jspecify.annotations.NullMarked;
