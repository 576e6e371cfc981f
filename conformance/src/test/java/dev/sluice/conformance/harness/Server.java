package dev.sluice.conformance.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** `./sluice serve` as a child process, on a free port of 127.0.0.1. */
public final class Server implements AutoCloseable {
  public static final Pattern BANNER =
      Pattern.compile(
          "Sluice (\\d+\\.\\d+\\.\\d+) serves (\\S+) \\(WSGI(?: on microthreads)?\\) on (CPython .+) at (\\S.*)");
  private static final Pattern PORT = Pattern.compile("https?://127\\.0\\.0\\.1:(\\d+)");

  private final Child child;
  private final String banner;
  private final int port;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Limits.ANSWER)
          .build();

  private Server(Child child, String banner, int port) {
    this.child = child;
    this.banner = banner;
    this.port = port;
  }

  /** An application of the suites' own Python files, with these options. */
  public static Server start(String application, String... options) {
    return of(application).options(options).start();
  }

  public static Builder of(String application) {
    return new Builder(application, false);
  }

  /** An ASGI application of the suites' own; {@link Reference} may serve it instead. */
  public static Builder asgi(String application) {
    return new Builder(application, true).appDir(Project.ASGI);
  }

  /** What is served, from where, with which options and environment. */
  public static final class Builder {
    private final String application;
    private final boolean asgi;
    private final List<String> options = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>();
    private Path appDir = Project.PYTHON;

    private Builder(String application, boolean asgi) {
      this.application = application;
      this.asgi = asgi;
    }

    public Builder appDir(Path directory) {
      appDir = directory;
      return this;
    }

    public Builder options(String... more) {
      options.addAll(List.of(more));
      return this;
    }

    public Builder environment(String name, String value) {
      environment.put(name, value);
      return this;
    }

    /** Starts it without waiting for anything. */
    public Child launch() {
      var arguments = new ArrayList<>(List.of("serve", application));
      arguments.addAll(List.of("--bind", "127.0.0.1:0", "--app-dir", appDir.toString()));
      arguments.addAll(options);
      if (!asgi && Microthreads.areChosen()) {
        arguments.addAll(Microthreads.options());
      }
      return asgi && Reference.isChosen()
          ? Reference.serve(environment, arguments)
          : Child.sluice(Project.TARGET, environment, arguments);
    }

    /** Starts it, and waits until it listens. */
    public Server start() {
      Child child = launch();
      try {
        String banner = child.stdout().await(line -> line.startsWith("Sluice "), Limits.START);
        Matcher port = PORT.matcher(banner);
        assertThat(port.find()).as("an address with a port in: %s", banner).isTrue();
        return new Server(child, banner, Integer.parseInt(port.group(1)));
      } catch (AssertionError failure) {
        String end = child.endedWithin(Limits.ANSWER);
        String log = child.stderr().text();
        String last = log.substring(log.lastIndexOf('\n') + 1);
        child.close();
        // The first line has what matters: of an error in @BeforeAll a summary shows no more.
        throw new AssertionError(
            "the server did not start: %s, last line of stderr \"%s\". %s\nstderr:\n%s"
                .formatted(end, last, failure.getMessage(), log),
            failure);
      }
    }
  }

  public Child child() {
    return child;
  }

  public String banner() {
    return banner;
  }

  public int port() {
    return port;
  }

  /** The port of --admin. */
  public int adminPort() {
    String line = child.stdout().await("Admin pages at ");
    Matcher found = PORT.matcher(line);
    assertThat(found.find()).as("a port in: %s", line).isTrue();
    return Integer.parseInt(found.group(1));
  }

  public String log() {
    return child.stderr().text();
  }

  public URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  public Connection connect() {
    return Connection.to(port);
  }

  /** A GET on a connection of its own, read strictly. */
  public Response ask(String path) {
    try (Connection connection = connect()) {
      return connection.get(path).read();
    }
  }

  /** An ordinary GET. */
  public HttpResponse<String> get(String path) {
    return send(HttpRequest.newBuilder(uri(path)));
  }

  /** An ordinary POST. */
  public HttpResponse<String> post(String path, String body) {
    return send(HttpRequest.newBuilder(uri(path)).POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  public HttpResponse<String> send(HttpRequest.Builder request) {
    return send(request, client);
  }

  /** Sends with a client that has, say, a cookie jar. */
  public HttpResponse<String> send(HttpRequest.Builder request, HttpClient by) {
    try {
      return by.send(
          request.timeout(Limits.START).build(),
          HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    } catch (IOException failure) {
      throw new AssertionError("no answer; the server's log:\n" + log(), failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", interrupted);
    }
  }

  /** Stops it as a supervisor would, and gives its end. */
  public Child.Ended stop() {
    child.signal("TERM");
    return child.ended(Duration.ofSeconds(10));
  }

  /** Stops it, expects a clean end, and gives the whole log. */
  public String stopCleanly() {
    Child.Ended ended = stop();
    assertThat(ended.code()).as("exit code; log:\n%s", ended.stderr()).isZero();
    return ended.stderr();
  }

  /** Stops it when the test has not, and expects a clean end. */
  @Override
  public void close() {
    try (child) {
      if (child.alive()) {
        stopCleanly();
      }
      client.shutdownNow();
    }
  }
}
