/** Random input for the request path, and slow readers that say what it means. */
@NullMarked
package dev.sluice.server.fuzz;

import org.jspecify.annotations.NullMarked;
