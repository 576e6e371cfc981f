/** HTTP/2: connections that carry many requests at once, each on a stream of its own. */
@NullMarked
package dev.sluice.server.http.h2;

import org.jspecify.annotations.NullMarked;
