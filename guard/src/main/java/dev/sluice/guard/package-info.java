/** What blocks a thread that must not wait: seen, refused, or done elsewhere. */
@NullMarked
package dev.sluice.guard;

import org.jspecify.annotations.NullMarked;
