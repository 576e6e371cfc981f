package dev.sluice.server.http.connection;

import dev.sluice.server.exchange.RequestBody;
import io.netty.buffer.ByteBuf;

/** A body on its way in: filled on the connection's IO thread. */
public interface IncomingBody extends RequestBody {
  /** Takes a piece over, which is released later. */
  void add(ByteBuf piece);

  /** How many bytes have arrived. */
  long received();

  /** Notes that it is complete, and calls back on the IO thread when all of it can be read. */
  void complete(Runnable action);

  /** Whether everything has arrived; any thread. */
  boolean isComplete();

  /** Whether somebody has waited for it for longer than what has come is worth. */
  boolean keepsReaderWaiting(HttpLimits limits);

  /** Ends it before it is complete: whoever reads is told why. */
  void fail(String why);

  /** Frees the memory or the file, once nobody reads any more; on the IO thread. */
  void discard();
}
