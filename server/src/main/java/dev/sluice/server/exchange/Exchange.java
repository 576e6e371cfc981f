package dev.sluice.server.exchange;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One request and its response. The request may be read by any thread that was given the exchange;
 * the methods that answer may be called by any thread, one at a time, and never block but for
 * {@link #awaitWritable}; {@link #takeOver} by any thread at any time.
 */
public interface Exchange {
  RequestHead request();

  RequestBody body();

  /** Who sent it, and by which way. */
  Peer peer();

  /** A number that no other request of this process has; counted from 1. */
  long number();

  /**
   * What the client asks for if the request is the handshake of a WebSocket, and such are served
   * here; else null. Always the same.
   *
   * <p>A handshake that is malformed, or for another version, is answered by this call, with 400 or
   * 426: then {@link #isOpen} is false, and there is nothing left to do. Nothing is looked at
   * before the first call: for whoever never calls this, the request is like any other.
   */
  default @Nullable WebSocket webSocket() {
    return null;
  }

  /** Whether the client is still there, as far as is known. */
  boolean isOpen();

  /**
   * Calls back once, in a task of the IO thread and never within this call, when the client is gone
   * before the response has ended: its connection is closed or reset, or its stream (HTTP/2), or
   * somebody else answers it ({@link #takeOver}). Soon if that is so already; never once the
   * response has ended.
   *
   * <p>A client of HTTP/1 that has closed only its own side is not gone: it may wait for the
   * answer, see {@link #whenInputEnded}.
   */
  void whenGone(Runnable action);

  /**
   * The same when the client has closed its side of the connection, or is gone: it sends no more. A
   * client of HTTP/1 may do that and wait for its answer; one that has closed its socket, or whose
   * program has ended, looks just like that until something is sent to it.
   */
  void whenInputEnded(Runnable action);

  /**
   * Answers with a whole body in one piece; the bytes are copied before this returns.
   *
   * <p>Nothing else may have been sent. A Content-Length is added where the head has none.
   */
  void respond(ResponseHead head, ByteBuffer body);

  /**
   * Answers with whole bytes that nobody changes any more. They are not copied where the connection
   * can send them as they are, and may be on their way long after this returns.
   *
   * <p>Nothing else may have been sent, and the head declares their number. The caller holds the
   * bytes until this returns.
   */
  default void respond(ResponseHead head, SharedBytes body) {
    respond(head, body.part(0, body.size()));
  }

  /**
   * Sends an informational response (1xx but 101) ahead of the answer; does nothing for a client
   * that would not understand it (HTTP/1.0), or once the answer has begun.
   */
  void inform(ResponseHead head);

  /** Sends the head; the body follows in pieces. */
  void begin(ResponseHead head);

  /** Sends a piece of the body; the bytes are copied before this returns. */
  void write(ByteBuffer piece);

  /**
   * Sends a part of a file as a piece of the body, if possible without its passing through this
   * process; takes the part over and closes it. Nothing has to be waited for.
   */
  void write(FilePart part);

  /** Whether so much is waiting to be sent that {@link #awaitWritable} should be called. */
  boolean isCongested();

  /**
   * Calls back once, in a task of the IO thread and never within this call, when the client has
   * taken enough, or is gone; soon if nothing has to be waited for.
   */
  void whenWritable(Runnable action);

  /** Waits until the client has taken enough, or is gone. Blocks; never to be called attached. */
  void awaitWritable() throws InterruptedException;

  /** Ends the response after its last piece. Does nothing if it has ended. */
  void end();

  /**
   * The same with trailers, which are sent where the response is chunked or the protocol HTTP/2.
   *
   * @param trailers only its headers count
   */
  void end(ResponseHead trailers);

  /**
   * Answers in the place of whoever has the exchange, from any other thread: with a short text if
   * the answer has not begun, else by breaking the connection. What the other one does with the
   * exchange from now on has no effect, and {@link #isOpen} is false for it.
   *
   * @return false if the response has ended already
   */
  boolean takeOver(int status, String why);

  /** Ends without a whole response: the client sees the connection (HTTP/2: the stream) break. */
  void abort();
}
