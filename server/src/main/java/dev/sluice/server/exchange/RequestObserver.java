package dev.sluice.server.exchange;

import org.slf4j.LoggerFactory;

/** Is told of each request that has ended: access logs, metrics. Must not block. */
@FunctionalInterface
public interface RequestObserver {
  /** Nobody is told. */
  RequestObserver NONE = (exchange, outcome) -> {};

  /** Called on the request's IO thread; the exchange's head and peer may be read. */
  void ended(Exchange exchange, Outcome outcome);

  /** The same, whatever it throws. */
  default void tell(Exchange exchange, Outcome outcome) {
    try {
      ended(exchange, outcome);
    } catch (RuntimeException e) {
      LoggerFactory.getLogger(RequestObserver.class)
          .error("an observer of requests failed: {}", e.toString());
    }
  }

  /** Both are told. */
  default RequestObserver and(RequestObserver other) {
    if (this == NONE) {
      return other;
    }
    return other == NONE
        ? this
        : (exchange, outcome) -> {
          ended(exchange, outcome);
          other.ended(exchange, outcome);
        };
  }
}
