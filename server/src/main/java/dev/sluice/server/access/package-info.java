/** The access log: a line for each request, written without making any request wait. */
@NullMarked
package dev.sluice.server.access;

import org.jspecify.annotations.NullMarked;
