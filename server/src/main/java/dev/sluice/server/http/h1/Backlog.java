package dev.sluice.server.http.h1;

import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What a client has sent behind the request in flight, decoded, in order; on the connection's IO
 * thread.
 */
final class Backlog {
  private static final int MOST = 16;

  private final Deque<Object> messages = new ArrayDeque<>(0);

  /** Takes a message over. */
  void add(Object message) {
    messages.add(message);
  }

  /** The next message, which is the caller's from now on. */
  @Nullable Object poll() {
    return messages.poll();
  }

  /** Whether something is there. */
  boolean hasMore() {
    return !messages.isEmpty();
  }

  /** Whether nothing more should be read. */
  boolean isFull() {
    return messages.size() >= MOST;
  }

  /** Whether a request is there to its end. */
  boolean hasWholeRequest() {
    for (Object message : messages) {
      if (message instanceof LastHttpContent) {
        return true;
      }
    }
    return false;
  }

  void forget() {
    messages.forEach(ReferenceCountUtil::release);
    messages.clear();
  }
}
