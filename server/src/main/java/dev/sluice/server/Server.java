package dev.sluice.server;

import dev.sluice.python.Attached;
import dev.sluice.python.Interpreter;
import dev.sluice.python.PyObject;
import dev.sluice.python.Python;
import dev.sluice.server.exchange.RequestHandler;
import dev.sluice.server.files.StaticFiles;
import dev.sluice.server.http.BindAddress;
import dev.sluice.server.http.HttpServer;
import dev.sluice.server.http.connection.Serving;
import dev.sluice.server.http.tls.Tls;
import dev.sluice.server.wsgi.WsgiApplication;
import dev.sluice.server.wsgi.WsgiOptions;
import dev.sluice.server.wsgi.WsgiService;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
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

  private final ServerOptions options;
  private final WsgiApplication application;
  private final HttpServer http;
  private final WsgiService service;
  private final Operating operating;
  private final @Nullable StaticFiles files;
  private boolean stopped;

  private Server(
      ServerOptions options,
      WsgiApplication application,
      HttpServer http,
      WsgiService service,
      Operating operating,
      @Nullable StaticFiles files) {
    this.options = options;
    this.application = application;
    this.http = http;
    this.service = service;
    this.operating = operating;
    this.files = files;
  }

  /**
   * Imports the application and begins to serve it.
   *
   * @throws dev.sluice.python.SluiceException if it cannot be imported, or an address not be bound;
   *     nothing is left running then
   */
  public static Server start(Python python, ServerOptions options) {
    Operating operating = new Operating(options.operations());
    Tls certificates = null;
    try {
      certificates = options.listening().openTls();
      return start(python, options, operating, certificates);
    } catch (RuntimeException | Error e) {
      if (certificates != null) {
        certificates.close();
      }
      operating.close();
      throw e;
    }
  }

  private static Server start(
      Python python, ServerOptions options, Operating operating, @Nullable Tls certificates) {
    Gauges gauges = new Gauges(operating);
    operating.openAdmin(gauges, options.listening().unixMode());
    WsgiApplication application = application(python.main(), options);
    WsgiService service = service(application, options, operating);
    StaticFiles files =
        options.mounts().isEmpty()
            ? null
            : new StaticFiles(options.mounts(), options.files(), service.handler());
    RequestHandler handler = files == null ? service.handler() : files;
    HttpServer http =
        new HttpServer(
            new Serving(
                options.limits(),
                handler,
                operating.observer(),
                operating.forwarding(),
                options.streamsBodies()),
            IO_THREADS);
    gauges.describe(service, http);
    try {
      options.listening().bind(http, certificates, options.operations().trusted());
      keepFromChildren(python, options.listening());
    } catch (RuntimeException e) {
      http.close();
      if (files != null) {
        files.close();
      }
      throw e;
    }
    service.start();
    operating.started();
    LOG.debug("{} is served with {}", options.application(), options);
    return new Server(options, application, http, service, operating, files);
  }

  /** A program that the application starts would go on listening after this one has ended. */
  private static void keepFromChildren(Python python, Listening listening) {
    try (Attached py = python.main().attach()) {
      PyObject os = py.importModule("os");
      Stream.concat(listening.binds().stream(), listening.plain().stream())
          .filter(BindAddress.Descriptor.class::isInstance)
          .map(BindAddress.Descriptor.class::cast)
          .forEach(
              inherited -> os.callMethod("set_inheritable", inherited.number(), false).close());
    }
  }

  private static WsgiApplication application(Interpreter interpreter, ServerOptions options) {
    try (Attached py = interpreter.attach()) {
      PyObject loaded = ApplicationLoader.load(py, options);
      return new WsgiApplication(py, loaded, options.rootPath(), options.threads() > 1);
    }
  }

  private static WsgiService service(
      WsgiApplication application, ServerOptions options, Operating operating) {
    return new WsgiService(
        application,
        new WsgiOptions(
            options.rootPath(),
            options.threads(),
            options.queueLimit(),
            options.requestTimeout(),
            operating.queueWait(),
            operating.gilWait()));
  }

  /**
   * Loads the application again, from sources that may have changed, without losing a request:
   * those that are being answered keep the old one. On the thread that started the server.
   *
   * @return why that cannot be done in this process, in words for a log; an empty string if it was
   * @throws dev.sluice.python.SluiceException if it cannot be loaded; the old one is served on
   */
  public String reload(Python python) {
    try (Attached py = python.main().attach()) {
      String obstacle = ApplicationLoader.obstacle(py, options);
      if (obstacle.isEmpty()) {
        application.replaceBy(ApplicationLoader.reload(py, options));
      }
      return obstacle;
    }
  }

  /**
   * Imports the application, to see whether that can be done; on the thread that opened Python.
   *
   * @throws dev.sluice.python.SluiceException if it cannot
   */
  public static void check(Python python, ServerOptions options) {
    try (Attached py = python.main().attach()) {
      ApplicationLoader.load(py, options).close();
    }
  }

  /**
   * Answers what has been asked, and leaves the listening sockets to another process: clients that
   * connect meanwhile wait for it.
   *
   * @param limit how long requests may take
   * @return the addresses for that process, as {@code --bind} takes them; empty if that is not
   *     possible here, and then everything goes on
   */
  public synchronized List<String> handOver(Duration limit) throws InterruptedException {
    List<String> addresses = http.handOver(limit);
    if (!addresses.isEmpty()) {
      operating.close();
    }
    return addresses;
  }

  /** What is served, for people: URLs, or the paths of sockets. */
  public List<String> urls() {
    return http.urls();
  }

  /** The URL of the pages for balancers and Prometheus, if there is one. */
  public List<String> adminUrls() {
    return operating.adminUrls();
  }

  /**
   * Stops listening, lets requests in flight end, and ends the threads.
   *
   * @param limit how long requests may take; the threads get as long again, at most 300 ms
   */
  public synchronized DrainReport stop(Duration limit) {
    if (stopped) {
      return DrainReport.clean();
    }
    stopped = true;
    operating.draining();
    try {
      int cut = http.drain(limit);
      List<String> requests = service.inHand();
      List<Thread> stuck = service.stop(Duration.ofMillis(Math.min(300, limit.toMillis() + 50)));
      end();
      return new DrainReport(cut, requests, stuck);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      end();
      return DrainReport.clean();
    }
  }

  private void end() {
    http.close();
    if (files != null) {
      files.close();
    }
    operating.close();
  }

  @Override
  public void close() {
    stop(Duration.ZERO);
  }
}
