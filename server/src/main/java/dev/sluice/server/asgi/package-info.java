/** ASGI 3.0: requests become tasks of a loop, on whose thread their sockets live; no IO here. */
@NullMarked
package dev.sluice.server.asgi;

import org.jspecify.annotations.NullMarked;
