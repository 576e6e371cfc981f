/** A name for each request, by which logs of several programs find each other. */
@NullMarked
package dev.sluice.server.requestids;

import org.jspecify.annotations.NullMarked;
