/**
 * WebSockets (RFC 6455), whatever protocol carries them: handshakes, frames, messages, compression
 * (RFC 7692). Nothing here reads or writes a channel.
 */
@NullMarked
package dev.sluice.server.http.websocket;

import org.jspecify.annotations.NullMarked;
