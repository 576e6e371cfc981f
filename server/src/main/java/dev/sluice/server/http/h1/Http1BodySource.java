package dev.sluice.server.http.h1;

import dev.sluice.server.http.connection.BodySource;

/** What the body of a request asks of its connection; on the connection's IO thread. */
record Http1BodySource(Http1Connection connection) implements BodySource {
  @Override
  public void pauseReading() {
    connection.setBodyFull(true);
  }

  @Override
  public void resumeReading() {
    connection.setBodyFull(false);
  }

  @Override
  public void bodyWanted() {
    connection.bodyWanted();
  }

  @Override
  public void spoolFailed() {
    connection.spoolFailed();
  }

  @Override
  public void onIoThread(Runnable action) {
    connection.io().loop().execute(action);
  }
}
