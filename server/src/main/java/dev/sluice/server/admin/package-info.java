/** The server's own pages: is it alive, is it ready, its metrics. */
@NullMarked
package dev.sluice.server.admin;

import org.jspecify.annotations.NullMarked;
