package dev.sluice.server;

import dev.sluice.python.Attached;
import dev.sluice.python.Interpreter;
import dev.sluice.python.PyObject;
import dev.sluice.python.Python;
import dev.sluice.server.exchange.Forwarding;
import dev.sluice.server.exchange.RequestObserver;
import dev.sluice.server.http.BindAddress;
import dev.sluice.server.http.HttpServer;
import dev.sluice.server.http.connection.Serving;
import dev.sluice.server.wsgi.WsgiApplication;
import dev.sluice.server.wsgi.WsgiService;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A web application that is being served; started on the thread that opened Python, on which the
 * application is imported, and stopped by any platform thread.
 */
public final class Server implements AutoCloseable {
  /** One IO thread keeps one interpreter busy. */
  private static final int IO_THREADS = 1;

  private static final Logger LOG = LoggerFactory.getLogger(Server.class);

  private final HttpServer http;
  private final WsgiService service;
  private boolean stopped;

  private Server(HttpServer http, WsgiService service) {
    this.http = http;
    this.service = service;
  }

  /**
   * Imports the application and begins to serve it.
   *
   * @throws dev.sluice.python.SluiceException if it cannot be imported, or an address not be bound;
   *     nothing is left running then
   */
  public static Server start(Python python, ServerOptions options) {
    Interpreter interpreter = python.main();
    WsgiApplication application;
    try (Attached py = interpreter.attach()) {
      PyObject loaded = ApplicationLoader.load(py, options);
      application = new WsgiApplication(py, loaded, options.rootPath(), options.threads() > 1);
    }
    WsgiService service =
        new WsgiService(
            interpreter, application, options.rootPath(), options.threads(), options.queueLimit());
    HttpServer http =
        new HttpServer(
            new Serving(
                options.limits(),
                service.handler(),
                RequestObserver.NONE,
                Forwarding.NONE,
                options.streamsBodies()),
            IO_THREADS);
    try {
      for (BindAddress address : options.binds()) {
        http.bind(address);
      }
    } catch (RuntimeException e) {
      http.close();
      throw e;
    }
    service.start();
    LOG.debug("{} is served with {}", options.application(), options);
    return new Server(http, service);
  }

  /** What is served, for people: URLs, or the paths of sockets. */
  public List<String> urls() {
    return http.urls();
  }

  /**
   * Stops listening, lets requests in flight end, and ends the threads.
   *
   * @param limit how long requests may take; the threads get as long again, at most 300 ms
   */
  public synchronized DrainReport stop(Duration limit) {
    if (stopped) {
      return new DrainReport(0, List.of());
    }
    stopped = true;
    try {
      int cut = http.drain(limit);
      List<Thread> stuck = service.stop(Duration.ofMillis(Math.min(300, limit.toMillis() + 50)));
      http.close();
      return new DrainReport(cut, stuck);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      http.close();
      return new DrainReport(0, List.of());
    }
  }

  @Override
  public void close() {
    stop(Duration.ZERO);
  }
}
