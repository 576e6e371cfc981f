package dev.sluice.server.http.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * What carries the bytes of a WebSocket: a connection of HTTP/1, or a stream of HTTP/2; on its IO
 * thread but for {@link #isCongested}.
 */
public interface Carrier {
  ByteBufAllocator allocator();

  /**
   * Brings what the client has sent behind its handshake, and everything that comes from now on.
   */
  void begin();

  /** Sends bytes, which are taken over, with the next {@link #flush}. */
  void write(ByteBuf bytes);

  void flush();

  /** Whether much waits to be sent; any thread. */
  boolean isCongested();

  /** Whether the client is heard: false stops reading. */
  void setReading(boolean reads);

  /**
   * Everything has been said: ends our side behind what was written, and the other one soon after.
   *
   * @param sent how many bytes of messages have been sent
   * @param clean whether both sides have said that this is the end
   */
  void end(long sent, boolean clean);

  /** Ends both sides at once. */
  void abort();
}
