package dev.sluice.server;

import dev.sluice.bridge.LoopOptions;
import dev.sluice.python.Attached;
import dev.sluice.python.Interpreter;
import dev.sluice.python.PyObject;
import dev.sluice.python.Python;
import dev.sluice.python.PythonException;
import dev.sluice.python.SluiceException;
import dev.sluice.server.AppRouter.Route;
import dev.sluice.server.asgi.AsgiLoop;
import dev.sluice.server.exchange.RequestHandler;
import dev.sluice.server.exchange.RootPath;
import dev.sluice.server.http.HttpServer;
import dev.sluice.server.http.connection.BodyChoice;
import dev.sluice.server.http.connection.BodyMode;
import dev.sluice.server.http.connection.IoThread;
import dev.sluice.server.http.connection.Serving;
import dev.sluice.server.wsgi.MicrothreadService;
import dev.sluice.server.wsgi.WsgiApplication;
import dev.sluice.server.wsgi.WsgiOptions;
import dev.sluice.server.wsgi.WsgiService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The applications of a server, imported, and what runs them: workers for those of WSGI; for those
 * of ASGI, and for those of WSGI as microthreads, a loop, which is the connections' as well. On the
 * thread that starts and stops the server; the figures are for any thread.
 */
final class Applications {
  /** One IO thread keeps one interpreter busy. */
  private static final int IO_THREADS = 1;

  /** The workers get what time is left and 50 ms, at most so many milliseconds. */
  private static final long LAST_CALLS = 300;

  private final ServerOptions options;
  private final List<Route> routes = new ArrayList<>();
  private final List<String> described = new ArrayList<>();
  private final AppRouter router;
  private @Nullable WsgiApplication first;
  private @Nullable WsgiService workers;
  private @Nullable MicrothreadService microthreads;
  private @Nullable AsgiLoop loop;

  /** An application, and the prefix that it is below. */
  private record Imported(String name, String prefix, ApplicationLoader.Loaded loaded) {}

  /** Imports the applications; on Python's main thread. */
  static Applications load(Interpreter interpreter, ServerOptions options, Operating operating) {
    try (Attached py = interpreter.attach()) {
      return new Applications(py, imported(py, options), options, operating);
    }
  }

  /** Sees whether they can be imported and started; on Python's main thread. */
  static void check(Interpreter interpreter, ServerOptions options, Duration limit)
      throws InterruptedException {
    Applications trial = load(interpreter, options, new Operating(Operations.NONE));
    try {
      trial.startUp();
    } catch (RuntimeException e) {
      trial.discard();
      throw e;
    }
    if (trial.loop != null) {
      trial.loop.stop(limit);
    }
  }

  private static List<Imported> imported(Attached py, ServerOptions options) {
    List<Imported> all = new ArrayList<>();
    all.add(new Imported(options.application(), "", ApplicationLoader.load(py, options)));
    for (AppMount mount : options.appMounts()) {
      all.add(
          new Imported(
              mount.application(),
              mount.prefix(),
              ApplicationLoader.loadMounted(py, options, mount)));
    }
    return all;
  }

  private Applications(
      Attached py, List<Imported> imported, ServerOptions options, Operating operating) {
    this.options = options;
    try {
      for (Imported each : imported) {
        add(py, each, operating);
      }
    } catch (RuntimeException e) {
      py.detached(() -> {
        discard(); // which waits for the loop
        return true;
      });
      throw e;
    }
    router = new AppRouter(routes);
  }

  private void add(Attached py, Imported each, Operating operating) {
    RootPath root = RootPath.of(options.rootPath()).with(each.prefix());
    boolean asgi = each.loaded().isAsgi();
    RequestHandler handler =
        asgi
            ? addToLoop(py, each.loaded(), root)
            : options.microthreads() > 0
                ? addToMicrothreads(py, each, root, operating)
                : addToWorkers(py, each, root, operating);
    BodyMode bodies =
        asgi
            ? BodyMode.STREAM_ALL
            : options.streamsBodies() ? BodyMode.STREAM_LARGE : BodyMode.COLLECT;
    routes.add(new Route(each.prefix(), root, handler, bodies, asgi));
    described.add(
        "%s (%s%s)"
            .formatted(
                each.name(),
                asgi ? "ASGI" : options.microthreads() > 0 ? "WSGI on microthreads" : "WSGI",
                each.prefix().isEmpty() ? "" : " below " + each.prefix()));
  }

  private RequestHandler addToLoop(Attached py, ApplicationLoader.Loaded loaded, RootPath root) {
    PyObject application = loaded.application();
    if (loaded.spoken().equals("asgi2")) {
      application = py.importModule("sluice._asgi").callMethod("two_as_three", application);
    }
    return loop(py).add(py, application, options.asgi().options(root));
  }

  private AsgiLoop loop(Attached py) {
    AsgiLoop its = loop;
    if (its == null) {
      its = new AsgiLoop(py, new LoopOptions(options.asgi().wrongThread()));
      loop = its;
    }
    return its;
  }

  private RequestHandler addToMicrothreads(
      Attached py, Imported each, RootPath root, Operating operating) {
    WsgiApplication application = new WsgiApplication(py, each.loaded().application(), root, true);
    MicrothreadService its = microthreads;
    if (its == null) {
      first = application;
      WsgiOptions how = wsgi(options.microthreads(), operating);
      try {
        its = new MicrothreadService(py, loop(py).loop(), how);
      } catch (PythonException e) {
        throw new SluiceException(ServerError.NO_MICROTHREADS, message(e), e);
      }
      microthreads = its;
    }
    return its.handler(application);
  }

  /** What an exception says, without its type and its code. */
  private static String message(PythonException failure) {
    try (PyObject text = failure.exception().callMethod("__str__")) {
      return text.as(String.class).replaceFirst("^sluice SL\\d+: ", "");
    }
  }

  private WsgiOptions wsgi(int threads, Operating operating) {
    return new WsgiOptions(
        threads,
        options.queueLimit(),
        options.requestTimeout(),
        operating.queueWait(),
        operating.gilWait());
  }

  private RequestHandler addToWorkers(
      Attached py, Imported each, RootPath root, Operating operating) {
    WsgiApplication application =
        new WsgiApplication(py, each.loaded().application(), root, options.threads() > 1);
    WsgiService its = workers;
    if (its == null) {
      first = application;
      its = new WsgiService(application, wsgi(options.threads(), operating));
      workers = its;
    }
    return its.handler(application);
  }

  /** What is served, for people, such as {@code hello:app (WSGI)}. */
  String describe() {
    return String.join(" and ", described);
  }

  /** What takes the requests. */
  RequestHandler handler() {
    return routes.size() == 1 ? routes.getFirst().handler() : router;
  }

  /** How bodies come to it. */
  BodyChoice bodies() {
    return routes.size() == 1 ? routes.getFirst().bodies() : router;
  }

  /** Makes the server of HTTP that hands it the requests; nothing is served yet. */
  HttpServer listen(Serving serving) {
    AsgiLoop its = loop;
    if (its == null) {
      return new HttpServer(serving, IO_THREADS);
    }
    var io = its.loop().io();
    HttpServer http = HttpServer.on(serving.with(options.asgi().webSockets()), List.of(io.netty()));
    IoThread thread = http.thread(io.netty());
    thread.deferFlushes(true);
    io.beforeSleep(thread::flushAll);
    return http;
  }

  /** Does what has to be done before the first request can come. */
  void startUp() {
    if (loop != null) {
      loop.start();
    }
  }

  /** Requests may come. */
  void begin() {
    if (workers != null) {
      workers.start();
    }
    if (microthreads != null) {
      microthreads.start();
    }
  }

  /** Loads the application again; why that cannot be done here, or an empty string. */
  String reload(Python python) {
    WsgiApplication application = first;
    if (application == null || routes.stream().anyMatch(Route::hasSockets)) {
      return "an application of ASGI is told when its server starts and ends";
    }
    if (routes.size() > 1) {
      return "several applications are served, which may have modules in common";
    }
    try (Attached py = python.main().attach()) {
      String obstacle = ApplicationLoader.obstacle(py, options);
      if (obstacle.isEmpty()) {
        application.replaceBy(ApplicationLoader.reload(py, options).application());
      }
      return obstacle;
    }
  }

  /** Ends them after the server's last request; the threads that did not end. */
  List<Thread> stop(Duration limit) throws InterruptedException {
    List<Thread> stuck = new ArrayList<>();
    if (workers != null) {
      long most = Math.min(LAST_CALLS, limit.toMillis() + 50);
      stuck.addAll(workers.stop(Duration.ofMillis(most)));
    }
    if (microthreads != null) {
      microthreads.stop(Duration.ofMillis(Math.min(LAST_CALLS, limit.toMillis() + 50)));
    }
    if (loop != null) {
      stuck.addAll(loop.stop(limit));
    }
    if (microthreads != null) {
      microthreads.close();
    }
    return stuck;
  }

  /** Ends them where the server has not started. */
  void discard() {
    if (loop != null) {
      loop.discard();
    }
  }

  int queueDepth() {
    return (workers == null ? 0 : workers.queueDepth())
        + (microthreads == null ? 0 : microthreads.queueDepth());
  }

  int queueLimit() {
    return (workers == null ? 0 : workers.queueLimit())
        + (microthreads == null ? 0 : microthreads.queueLimit())
        + (loop == null ? 0 : loop.requestLimit());
  }

  /** How many threads run applications. */
  int threads() {
    return (workers == null ? 0 : workers.workers()) + (loop == null ? 0 : 1);
  }

  /** How many of them have requests. */
  int threadsBusy() {
    return (workers == null ? 0 : workers.workersBusy()) + (isLoopBusy() ? 1 : 0);
  }

  private boolean isLoopBusy() {
    return (loop != null && loop.isBusy()) || (microthreads != null && microthreads.isBusy());
  }

  /** Whether nothing goes on any more, in one of them at least. */
  boolean isStuck() {
    return (workers != null && workers.isStuck()) || (loop != null && loop.isStuck());
  }

  /** The requests that they have in hand, for people. */
  List<String> inHand() {
    List<String> all = new ArrayList<>();
    if (workers != null) {
      all.addAll(workers.inHand());
    }
    if (microthreads != null) {
      all.addAll(microthreads.inHand());
    }
    if (loop != null) {
      all.addAll(loop.inHand());
    }
    return all;
  }
}
