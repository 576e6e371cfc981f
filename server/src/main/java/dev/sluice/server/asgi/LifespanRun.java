package dev.sluice.server.asgi;

import dev.sluice.bridge.Loop;
import dev.sluice.python.Attached;
import dev.sluice.python.PyObject;
import dev.sluice.python.SluiceException;
import dev.sluice.server.ServerError;
import dev.sluice.server.asgi.AsgiOptions.LifespanMode;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One application's lifespan, on a thread that may wait for it. */
final class LifespanRun {
  private static final Logger LOG = LoggerFactory.getLogger("sluice.asgi");

  private final Loop loop;
  private final LifespanMode mode;
  private final String name;
  private final PyObject lifespan;
  private boolean started;

  LifespanRun(Attached py, Loop loop, PyObject application, AsgiOptions options) {
    this.loop = loop;
    mode = options.lifespan();
    String prefix = options.rootPath().prefix();
    name = prefix.isEmpty() ? "the application" : "the application below " + prefix;
    lifespan = py.importModule("sluice._asgi_lifespan").callMethod("Lifespan", application);
  }

  /**
   * Tells the application that the server starts; detached.
   *
   * @return its state, of which each request has a copy; null if it does not take part
   */
  @Nullable PyObject startup() {
    if (mode == LifespanMode.OFF) {
      return null;
    }
    List<String> outcome = outcome(call("startup"));
    String why = outcome.get(1);
    switch (outcome.get(0)) {
      case "complete" -> {
        started = true;
        try (Attached py = loop.interpreter().attach()) {
          return lifespan.attr("state");
        }
      }
      case "failed" ->
          throw new SluiceException(
              ServerError.LIFESPAN_FAILED,
              "%s failed to start up: %s"
                  .formatted(name, why.isEmpty() ? "it gave no reason" : why));
      default -> {
        if (mode == LifespanMode.ON) {
          throw new SluiceException(
              ServerError.LIFESPAN_FAILED,
              "%s does not take part in the lifespan protocol, as --lifespan on wants: %s"
                  .formatted(name, why));
        }
        LOG.debug("{} takes no part in the lifespan protocol: {}", name, why);
        return null;
      }
    }
  }

  private CompletableFuture<PyObject> call(String name) {
    try (Attached py = loop.interpreter().attach()) {
      return loop.call(lifespan.attr(name));
    }
  }

  private List<String> outcome(CompletableFuture<PyObject> called) {
    try {
      PyObject outcome = called.join();
      try (Attached py = loop.interpreter().attach()) {
        return outcome.asList(String.class);
      }
    } catch (CancellationException | CompletionException e) {
      throw new SluiceException(
          ServerError.LIFESPAN_FAILED,
          "%s failed to start up: %s".formatted(name, e.getCause() == null ? e : e.getCause()),
          e);
    }
  }

  /** Tells the application that the server ends, if it has been told of the start. */
  void shutdown(long deadline) throws InterruptedException {
    if (!started) {
      return;
    }
    PyObject outcome = Waiting.await(call("shutdown"), deadline);
    if (outcome == null) {
      LOG.error("the lifespan of {} did not end in time, and was cut off", name);
      return;
    }
    List<String> told;
    try (Attached py = loop.interpreter().attach()) {
      told = outcome.asList(String.class);
    }
    if (told.get(0).equals("failed")) {
      LOG.error("the lifespan of {} ended with a failure: {}", name, told.get(1));
    }
  }
}
