package dev.sluice.server.exchange;

/** Takes requests from the IO threads; must not block. */
@FunctionalInterface
public interface RequestHandler {
  /**
   * Takes over a request whose body has been received.
   *
   * @return false if it cannot be taken now: the caller answers 503
   */
  boolean accept(Exchange exchange);
}
