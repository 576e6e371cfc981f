/** Event loops of Python's that Java drives, and the ways into them from any thread. */
@NullMarked
package dev.sluice.bridge;

import org.jspecify.annotations.NullMarked;
