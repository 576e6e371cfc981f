package dev.sluice.server.http.h1;

/** How far a request of a connection is. */
enum State {
  /** Between requests. */
  IDLE,
  /** The head is here, the body is on its way. */
  RECEIVING,
  /** The handler has the exchange, the body is on its way. */
  STREAMING,
  /** The body is being stored, or the handler has the exchange. */
  IN_FLIGHT,
  /** A request was refused: whatever still comes is thrown away until the client closes. */
  REFUSED,
  CLOSED
}
