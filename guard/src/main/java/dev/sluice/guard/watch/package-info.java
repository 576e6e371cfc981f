/** Loops that stand still, seen from outside: blocked, computing, or waiting for the GIL. */
@NullMarked
package dev.sluice.guard.watch;

import org.jspecify.annotations.NullMarked;
