package dev.sluice.server.http.connection;

/** How the bodies of requests are wanted, which may depend on who answers them; any thread. */
@FunctionalInterface
public interface BodyChoice {
  /** For a request of this target. */
  BodyMode of(String target);
}
