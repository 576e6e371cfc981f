package dev.sluice.server.exchange;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket (RFC 6455) that a client asks for, and then has. Until it is accepted the exchange is
 * an ordinary one, whose answer denies it.
 *
 * <p>Any thread may call any method. What is called on the connection's IO thread takes effect
 * before it returns; what other threads call is copied and handed over, in the order of the calls.
 * Nothing blocks.
 */
public interface WebSocket {
  /** The code of {@link Listener#closed} when a close frame had none. */
  int NO_CODE = 1005;

  /** The code of {@link Listener#closed} when the connection ended without a close frame. */
  int BROKEN = 1006;

  /** The protocols that the client offers, in its order; all of them tokens, none of them twice. */
  List<String> subprotocols();

  /**
   * Opens the socket; what the client has sent already is delivered within this call, if this is
   * the IO thread. If the client has gone, or somebody else has answered in the caller's place, the
   * listener is told {@link #BROKEN}, and nothing else happens.
   *
   * @param subprotocol the one that will be spoken, which the client should have offered
   * @param extra only its headers count; those that make the handshake are not among them
   * @throws IllegalStateException if the exchange has been answered, or accepted before
   * @throws IllegalArgumentException if the subprotocol is no token
   */
  void accept(@Nullable String subprotocol, ResponseHead extra, Listener listener);

  /**
   * Sends a message; its bytes are copied before this returns. Does nothing once the socket is not
   * open any more. Messages that are sent while data are being received go out together, others at
   * once.
   *
   * @param text whether it is a text, whose bytes are UTF-8; that is not checked
   * @throws IllegalStateException before {@link #accept}
   */
  void send(boolean text, ByteBuffer payload);

  /**
   * Begins the end: says why, and waits for the client to say so too, for a limited time. Messages
   * that the listener has not had are dropped. Does nothing if the end has begun.
   *
   * @param code one that may be sent: 1000 to 1003, 1007 to 1014, 3000 to 4999
   * @param reason cut to the 123 bytes of UTF-8 that fit
   * @throws IllegalArgumentException if the code may not be sent
   * @throws IllegalStateException before {@link #accept}
   */
  void close(int code, String reason);

  /** Whether so much waits to be sent that {@link #whenWritable} should be awaited. */
  boolean isCongested();

  /**
   * Runs an action once, on the IO thread and never within this call, when {@link #isCongested} is
   * false or the socket has ended.
   */
  void whenWritable(Runnable action);

  /**
   * Delivers no messages for a while. A limited number of them is kept, then nothing more is read
   * from the client; whether it still answers pings is not looked at then.
   */
  void pause();

  /**
   * Delivers messages again; those that were kept are delivered within this call, if this is the IO
   * thread and the listener is not being called.
   */
  void resume();

  /** Whether it has been accepted, and the end has not begun. */
  boolean isOpen();

  /** Ends the connection (HTTP/2: the stream) without a word; the listener is told. */
  void abort();

  /** Is told what comes from the client, on the IO thread; must not block. */
  interface Listener {
    /**
     * A message.
     *
     * @param text whether it is a text: then its bytes are valid UTF-8
     * @param payload valid until this returns; its order is big-endian
     */
    void message(boolean text, ByteBuffer payload);

    /**
     * Whether messages wait for whoever answers them; on the IO thread. Then what is sent meanwhile
     * may go out together.
     */
    default boolean hasMore() {
      return false;
    }

    /**
     * The socket has ended, told exactly once and after all messages.
     *
     * @param code the client's, {@link #NO_CODE} or {@link #BROKEN}; where this side ended it for
     *     something that the client did, or did not do, the code that it was told
     */
    void closed(int code, String reason);
  }
}
