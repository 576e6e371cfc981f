package dev.sluice.server.http.websocket;

import dev.sluice.server.http.connection.Connection;

/**
 * Stands for a connection that is gone, on its IO thread, as long as a listener has yet to get what
 * came over it: so its memory is freed in time, and at the server's end at once.
 */
final class Leftover implements Connection {
  private final Session session;

  Leftover(Session session) {
    this.session = session;
  }

  @Override
  public void checkTimeout(int second) {
    session.tick(second, false);
  }

  /** Nobody is there any more to whom the listener might matter. */
  @Override
  public boolean isBusy() {
    return false;
  }

  @Override
  public void drain() {
    session.drain();
  }

  @Override
  public void closeNow() {
    session.drain();
  }
}
