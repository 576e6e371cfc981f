package dev.sluice.server.admin;

import dev.sluice.server.metrics.ServerGauges;
import org.jspecify.annotations.Nullable;

/**
 * Whether a balancer should send requests here; any thread.
 *
 * <p>It turns false before the drain begins, so that balancers that look have gone elsewhere when
 * the listeners close; and while the queue is full, when a request would be answered 503, or all
 * workers are stuck, when it would be answered 504.
 */
public final class Readiness {
  /** Where a server is in its life. */
  private enum State {
    STARTING,
    READY,
    DRAINING
  }

  private final ServerGauges gauges;
  private State state = State.STARTING;

  /** A server that is starting. */
  public Readiness(ServerGauges gauges) {
    this.gauges = gauges;
  }

  /** It listens now. Does nothing once it drains. */
  public synchronized void started() {
    if (state == State.STARTING) {
      state = State.READY;
    }
  }

  /** It is about to stop, for good. */
  public synchronized void draining() {
    state = State.DRAINING;
  }

  /** Why it is not ready, in a few words; null if it is. */
  public @Nullable String obstacle() {
    State now;
    synchronized (this) {
      now = state;
    }
    return switch (now) {
      case STARTING -> "starting";
      case DRAINING -> "draining";
      case READY -> overload();
    };
  }

  private @Nullable String overload() {
    if (gauges.queueDepth() >= gauges.queueLimit()) {
      return "the queue is full: %d requests wait".formatted(gauges.queueDepth());
    }
    return gauges.isStuck() ? "all workers have requests that took too long" : null;
  }
}
