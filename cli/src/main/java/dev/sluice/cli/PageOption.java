package dev.sluice.cli;

import dev.sluice.dashboard.Page;
import dev.sluice.dashboard.SlowRequests;
import dev.sluice.guard.watch.Watching;
import dev.sluice.python.SluiceException;
import dev.sluice.server.ServerError;
import dev.sluice.server.exchange.RequestObserver;
import dev.sluice.server.http.BindAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The page of {@code --dashboard}, if there is one; opened and closed on the JVM's main thread. */
final class PageOption implements AutoCloseable {
  /** How long the files of Flight Recorder may take to be removed. */
  private static final Duration END_LIMIT = Duration.ofMillis(500);

  private static final Map<String, Integer> USUAL_PORTS = Map.of("http", 80, "https", 443);

  private final BindAddress.@Nullable Tcp address;
  private final List<URI> origins;
  private final SlowRequests slow = new SlowRequests();
  private @Nullable Page page;

  private PageOption(BindAddress.@Nullable Tcp address, List<URI> origins) {
    this.address = address;
    this.origins = origins;
  }

  /** Reads the option; nothing is bound yet. */
  static PageOption of(Configuration configuration) {
    if (configuration.isEmpty(Settings.DASHBOARD)) {
      return new PageOption(null, List.of());
    }
    String given = configuration.text(Settings.DASHBOARD);
    if (BindAddress.parse(given) instanceof BindAddress.Tcp tcp) {
      List<URI> origins =
          configuration.texts(Settings.DASHBOARD_ORIGIN).stream()
              .filter(each -> !each.isEmpty())
              .map(PageOption::origin)
              .toList();
      return new PageOption(tcp, origins);
    }
    throw new SluiceException(
        CliError.BAD_VALUE,
        "--dashboard=%s is no host and port. Write it as in --dashboard=127.0.0.1:8001."
            .formatted(given));
  }

  /** A URL as the header Origin has it: without a path, and without the usual port. */
  private static URI origin(String given) {
    try {
      URI uri = new URI(given.strip().toLowerCase(Locale.ROOT));
      String path = uri.getRawPath();
      boolean isUrl =
          uri.getHost() != null
              && USUAL_PORTS.containsKey(String.valueOf(uri.getScheme()))
              && (path == null || path.isEmpty() || path.equals("/"));
      if (isUrl && uri.getRawQuery() == null && uri.getRawFragment() == null) {
        boolean usual = uri.getPort() == USUAL_PORTS.getOrDefault(uri.getScheme(), -1);
        return new URI(
            uri.getScheme(), null, uri.getHost(), usual ? -1 : uri.getPort(), null, null, null);
      }
    } catch (URISyntaxException e) {
      // As below.
    }
    throw new SluiceException(
        CliError.BAD_VALUE,
        "--dashboard-origin=%s is no scheme and host. Write it as in".formatted(given)
            + " --dashboard-origin=https://blocks.example.com.");
  }

  /** Is told of requests that have ended. */
  RequestObserver observer() {
    return address == null ? RequestObserver.NONE : slow;
  }

  /**
   * Binds the address.
   *
   * @param program what the page's title says
   * @return itself
   */
  PageOption open(String program) {
    if (address != null) {
      try {
        page = Page.start(address, origins, program, slow);
      } catch (SluiceException e) {
        String message = String.valueOf(e.getMessage());
        throw e.code() == ServerError.ADDRESS_NOT_BOUND
            ? new SluiceException(e.code(), message.replace("--bind", "--dashboard"), e)
            : e;
      }
    }
    return this;
  }

  /** Where the page is; null if there is none. */
  @Nullable String url() {
    return page == null ? null : page.url();
  }

  /** Ends the page, and what looks at loops; Python is closed. */
  @Override
  public void close() {
    if (page != null) {
      page.close();
    }
    try {
      Watching.awaitEnd(END_LIMIT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
