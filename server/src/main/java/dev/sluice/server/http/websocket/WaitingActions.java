package dev.sluice.server.http.websocket;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What waits until a client has taken enough; on its IO thread. */
final class WaitingActions {
  private static final Logger LOG = LoggerFactory.getLogger(WaitingActions.class);

  private final Deque<Runnable> actions = new ArrayDeque<>(0);

  void add(Runnable action) {
    actions.add(action);
  }

  boolean isEmpty() {
    return actions.isEmpty();
  }

  /** Runs each once; what is added meanwhile waits for the next time. */
  void runAll() {
    for (int i = actions.size(); i > 0; i--) {
      try {
        actions.remove().run();
      } catch (RuntimeException | Error e) {
        LOG.error("an action that waited for a WebSocket has failed: {}", e.toString());
      }
    }
  }
}
