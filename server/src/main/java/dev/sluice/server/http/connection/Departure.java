package dev.sluice.server.http.connection;

import java.util.ArrayList;
import java.util.List;

/**
 * Who wants to know that the client of a request is gone, or sends no more: asked by any thread,
 * told in tasks of the IO thread, and not any more once the response has ended.
 */
final class Departure {
  private final IoThread io;
  private final Watchers gone = new Watchers();
  private final Watchers silent = new Watchers();
  private boolean over;

  /** Something that happens once, and who is told. */
  private static final class Watchers {
    boolean happened;
    List<Runnable> waiting = List.of();

    void add(Runnable action) {
      if (waiting.isEmpty()) {
        waiting = new ArrayList<>(1);
      }
      waiting.add(action);
    }
  }

  Departure(IoThread io) {
    this.io = io;
  }

  void whenGone(Runnable action) {
    watch(gone, action);
  }

  void whenInputEnded(Runnable action) {
    watch(silent, action);
  }

  private synchronized void watch(Watchers watchers, Runnable action) {
    if (watchers.happened) {
      tell(action);
    } else if (!over) {
      watchers.add(action);
    }
  }

  /** The client is gone, and sends no more either. */
  synchronized void gone() {
    inputEnded();
    happen(gone);
  }

  synchronized void inputEnded() {
    happen(silent);
  }

  private void happen(Watchers watchers) {
    if (!watchers.happened && !over) {
      watchers.happened = true;
      watchers.waiting.forEach(this::tell);
      watchers.waiting = List.of();
    }
  }

  private void tell(Runnable action) {
    io.loop()
        .execute(() -> {
          if (!isOver()) {
            action.run();
          }
        });
  }

  /** The response has ended: nobody is told any more. */
  synchronized void over() {
    over = true;
    gone.waiting = List.of();
    silent.waiting = List.of();
  }

  private synchronized boolean isOver() {
    return over;
  }
}
