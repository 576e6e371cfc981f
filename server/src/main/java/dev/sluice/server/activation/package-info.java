/** Listening sockets that systemd hands over. */
@NullMarked
package dev.sluice.server.activation;

import org.jspecify.annotations.NullMarked;
