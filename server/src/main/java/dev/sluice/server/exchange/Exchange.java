package dev.sluice.server.exchange;

import java.nio.ByteBuffer;

/**
 * One request and its response. The request may be read by any thread that was given the exchange;
 * the methods that answer may be called by any thread, one at a time, and never block but for
 * {@link #awaitWritable}.
 */
public interface Exchange {
  RequestHead request();

  RequestBody body();

  /** The client's address as text, or an empty string for a unix socket. */
  String remoteAddress();

  /** The client's port, or 0. */
  int remotePort();

  /** The address that the client connected to. */
  String localAddress();

  int localPort();

  /** {@code http} or {@code https}. */
  String scheme();

  /** Whether the client is still there, as far as is known. */
  boolean isOpen();

  /**
   * Answers with a whole body in one piece; the bytes are copied before this returns.
   *
   * <p>Nothing else may have been sent. A Content-Length is added where the head has none.
   */
  void respond(ResponseHead head, ByteBuffer body);

  /** Sends the head; the body follows in pieces. */
  void begin(ResponseHead head);

  /** Sends a piece of the body; the bytes are copied before this returns. */
  void write(ByteBuffer piece);

  /** Whether so much is waiting to be sent that {@link #awaitWritable} should be called. */
  boolean isCongested();

  /** Waits until the client has taken enough, or is gone. Blocks; never to be called attached. */
  void awaitWritable() throws InterruptedException;

  /** Ends the response after its last piece. Does nothing if it has ended. */
  void end();

  /** Ends without a whole response: the client sees the connection break. */
  void abort();
}
