package dev.sluice.server.http.websocket;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The answers to a client's pings, on the IO thread: whoever does not take them gets only the one
 * to the last ping.
 */
final class Pongs {
  private final Carrier carrier;
  private final FrameOutput output;
  private @Nullable ByteBuffer owed;

  Pongs(Carrier carrier, FrameOutput output) {
    this.carrier = carrier;
    this.output = output;
  }

  /** Frames an answer, or keeps it. */
  void answer(ByteBuffer payload) {
    if (carrier.isCongested()) {
      owed = ByteBuffer.allocate(payload.remaining()).put(payload).flip();
    } else {
      output.frame(FrameReader.PONG, payload);
    }
  }

  boolean isOwed() {
    return owed != null;
  }

  /** Frames what was kept, or keeps it again. */
  void answerOwed() {
    ByteBuffer payload = owed;
    owed = null;
    if (payload != null) {
      answer(payload);
    }
  }
}
