package dev.sluice.server.http.websocket;

import dev.sluice.server.exchange.WebSocket;
import dev.sluice.server.http.connection.WebSocketLimits;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What there is of a socket once it is open; on its IO thread. */
record Parts(
    Carrier carrier, FrameOutput output, Pongs pongs, Incoming incoming, SocketClock clock) {
  /** Memory that was not used for about so many seconds is freed; a power of two. */
  private static final int IDLE_SECONDS = 16;

  /**
   * The parts of a socket that opens now.
   *
   * @param deflation null if nothing is compressed
   */
  static Parts of(
      Session session,
      WebSocket.Listener listener,
      Carrier carrier,
      WebSocketLimits limits,
      @Nullable Deflation deflation,
      int second) {
    MessageDeflater deflater =
        deflation == null
            ? null
            : new MessageDeflater(deflation.takesOver(), deflation.windowBits());
    FrameOutput output = new FrameOutput(carrier, deflater);
    return new Parts(
        carrier,
        output,
        new Pongs(carrier, output),
        new Incoming(session, listener, carrier, limits, deflation),
        new SocketClock(limits, second));
  }

  /** What the clock says. */
  SocketClock.Verdict check(int second, boolean unsent) {
    return clock.check(second, incoming.isReading(), unsent, incoming.delivered() + output.sent());
  }

  void ping() {
    output.frame(FrameReader.PING, ByteBuffer.allocate(0));
    output.flush();
  }

  /** Frees memory that has not been used for a while. */
  void tidy(int second) {
    if (second % IDLE_SECONDS == 0) {
      output.idle();
      incoming.idle();
    }
  }
}
