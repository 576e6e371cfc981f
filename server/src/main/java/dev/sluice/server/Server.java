package dev.sluice.server;

import dev.sluice.python.Attached;
import dev.sluice.python.PyObject;
import dev.sluice.python.Python;
import dev.sluice.server.files.StaticFiles;
import dev.sluice.server.http.BindAddress;
import dev.sluice.server.http.HttpServer;
import dev.sluice.server.http.connection.Serving;
import dev.sluice.server.http.tls.Tls;
import java.time.Duration;
import java.util.ArrayList;
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
  private static final Logger LOG = LoggerFactory.getLogger(Server.class);

  private final Applications applications;
  private final HttpServer http;
  private final Operating operating;
  private final @Nullable StaticFiles files;
  private boolean stopped;
  private boolean handedOver;

  private Server(
      Applications applications,
      HttpServer http,
      Operating operating,
      @Nullable StaticFiles files) {
    this.applications = applications;
    this.http = http;
    this.operating = operating;
    this.files = files;
  }

  /**
   * Imports the applications and begins to serve them.
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
    Applications applications = Applications.load(python.main(), options, operating);
    StaticFiles files = null;
    HttpServer http = null;
    try {
      files =
          options.mounts().isEmpty()
              ? null
              : new StaticFiles(options.mounts(), options.files(), applications.handler());
      http =
          applications.listen(
              new Serving(
                  options.limits(),
                  files == null ? applications.handler() : files,
                  operating.observer(),
                  operating.forwarding(),
                  applications.bodies()));
      gauges.describe(applications, http);
      applications.startUp();
      options.listening().bind(http, certificates, options.operations().trusted());
      keepFromChildren(python, options.listening());
    } catch (RuntimeException e) {
      if (http != null) {
        http.close();
      }
      if (files != null) {
        files.close();
      }
      applications.discard();
      throw e;
    }
    applications.begin();
    operating.started();
    LOG.debug("{} is served with {}", options.application(), options);
    return new Server(applications, http, operating, files);
  }

  /** A program that the application starts would go on listening after this one has ended. */
  private static void keepFromChildren(Python python, Listening listening) {
    List<BindAddress.Descriptor> inherited =
        Stream.concat(listening.binds().stream(), listening.plain().stream())
            .filter(BindAddress.Descriptor.class::isInstance)
            .map(BindAddress.Descriptor.class::cast)
            .toList();
    if (inherited.isEmpty()) {
      return;
    }
    try (Attached py = python.main().attach()) {
      PyObject os = py.importModule("os");
      inherited.forEach(socket -> os.callMethod("set_inheritable", socket.number(), false).close());
    }
  }

  /**
   * Loads the application again, from sources that may have changed, without losing a request:
   * those that are being answered keep the old one. On the thread that started the server.
   *
   * @return why that cannot be done in this process, in words for a log; an empty string if it was
   * @throws dev.sluice.python.SluiceException if it cannot be loaded; the old one is served on
   */
  public String reload(Python python) {
    return applications.reload(python);
  }

  /**
   * Imports the applications, starts and ends them without serving anything, to see whether that
   * can be done; on the thread that opened Python.
   *
   * @param limit how long their end may take
   * @throws dev.sluice.python.SluiceException if it cannot
   */
  public static void check(Python python, ServerOptions options, Duration limit)
      throws InterruptedException {
    Applications.check(python.main(), options, limit);
  }

  /**
   * Answers what has been asked, ends the applications, and leaves the listening sockets to another
   * process: clients that connect meanwhile wait for it. What is left for this one is to {@link
   * #stop}, or to become the other.
   *
   * @param limit how long requests may take, and the applications after them
   * @return the addresses for that process, as {@code --bind} takes them; empty if that is not
   *     possible here, and then everything goes on
   */
  public synchronized List<String> handOver(Python python, Duration limit)
      throws InterruptedException {
    List<String> addresses = http.descriptors();
    if (!addresses.isEmpty()) {
      addresses = keep(python, addresses);
      handedOver = true;
      operating.draining();
      http.leave(limit);
      applications.stop(limit);
      operating.close();
    }
    return addresses;
  }

  private static List<String> keep(Python python, List<String> addresses) {
    try (Attached py = python.main().attach();
        PyObject kept = py.importModule("sluice._reload").callMethod("keep", addresses)) {
      return kept.asList(String.class);
    }
  }

  /** The applications with the interfaces that they speak, such as {@code hello:app (WSGI)}. */
  public String applications() {
    return applications.describe();
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
   * Stops listening, lets requests in flight end, with what the applications do behind their
   * answers, and ends the threads.
   *
   * @param limit how long all may take; what is left of it when the requests have ended is the
   *     applications', which get 250 ms in any case
   */
  public synchronized DrainReport stop(Duration limit) {
    if (stopped) {
      return DrainReport.clean();
    }
    stopped = true;
    if (handedOver) {
      end();
      return DrainReport.clean();
    }
    operating.draining();
    try {
      long deadline = System.nanoTime() + limit.toNanos();
      List<String> requests = new ArrayList<>();
      int cut = http.drain(limit, () -> requests.addAll(applications.inHand()));
      List<Thread> stuck =
          applications.stop(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
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
