package dev.sluice.server.http.connection;

/** Where a request's body comes from: a connection, or a stream of one; on its IO thread. */
public interface BodySource {
  /** Runs an action on the IO thread; may be called from any. */
  void onIoThread(Runnable action);

  /** Stops reading: there is no room for more. */
  void pauseReading();

  void resumeReading();

  /** The application wants the body: a client that waits for leave to send it gets it. */
  void bodyWanted();

  /** The body cannot be stored: the request has to be refused. */
  void spoolFailed();
}
