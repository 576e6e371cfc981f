/** Sends clients of plain HTTP to HTTPS. */
@NullMarked
package dev.sluice.server.redirect;

import org.jspecify.annotations.NullMarked;
