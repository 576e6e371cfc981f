package dev.sluice.cli;

import dev.sluice.python.JavaClassPath;
import dev.sluice.python.Python;
import dev.sluice.python.PythonOptions;
import dev.sluice.python.SluiceException;
import dev.sluice.python.install.Installation;
import dev.sluice.python.install.Installations;
import dev.sluice.server.AppMount;
import dev.sluice.server.DrainReport;
import dev.sluice.server.Server;
import dev.sluice.server.ServerOptions;
import dev.sluice.server.reload.SourceWatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** {@code sluice serve}: starts on the JVM's main thread, serves on sluice-main until a signal. */
record ServeCommand(Console console, Invocation invocation) {
  /** How long the end may take after the drain: what Python's exit functions get. */
  static final Duration CLOSE_LIMIT = Duration.ofMillis(100);

  int run() {
    Configuration configuration = Configuration.of(console, invocation.flags());
    Logging.configure(configuration.choice(Settings.LOG_LEVEL));
    PageOption page = PageOption.of(configuration);
    ServerOptions options = options(configuration, page);
    Guarding guarding = Guarding.of(configuration);
    Duration drain = configuration.seconds(LimitSettings.TIMEOUT_DRAIN);
    boolean reload = configuration.isOn(Settings.RELOAD);
    Stop stop = new Stop(console, drain);
    stop.listen();
    configuration.paths(Settings.JAVA).forEach(JavaClassPath::add);
    Installation installation =
        PythonChoice.choose(configuration, console, new Installations(console.cache()));
    if (HandOver.isCheck(console.environment())) {
      return MainThread.run(() -> check(installation, options, drain, guarding));
    }
    try (page) {
      String url = page.open(options.application()).url();
      return MainThread.run(() -> serve(installation, options, drain, stop, reload, guarding, url));
    }
  }

  private ServerOptions options(Configuration configuration, PageOption page) {
    List<String> operands = invocation.operands();
    if (operands.size() != 1) {
      throw Invocation.usage(
          invocation.command(),
          operands.isEmpty()
              ? "it needs the application, MODULE:APP, such as hello:app."
              : "it serves one application, not %s; others beside it with --mount."
                  .formatted(String.join(" and ", operands)));
    }
    return new ServerOptions(
        operands.getFirst(),
        configuration.choice(Settings.INTERFACE),
        configuration.path(Settings.APP_DIR),
        appMounts(configuration.texts(Settings.MOUNT)),
        configuration.isOn(Settings.FACTORY),
        ListenSettings.listening(configuration, console),
        rootPath(configuration.text(Settings.ROOT_PATH)),
        configuration.whole(Settings.THREADS),
        configuration.isOn(Settings.MICROTHREADS)
            ? configuration.whole(LimitSettings.LIMIT_MICROTHREADS)
            : 0,
        configuration.whole(LimitSettings.LIMIT_QUEUE),
        configuration.choice(Settings.REQUEST_BODY).equals("stream"),
        configuration.seconds(LimitSettings.TIMEOUT_REQUEST),
        AsgiServeSettings.settings(configuration),
        FileSettings.mounts(configuration, console),
        FileSettings.options(configuration),
        OperationSettings.operations(configuration, page.observer()),
        LimitSettings.httpLimits(configuration));
  }

  private static List<AppMount> appMounts(List<String> given) {
    List<AppMount> mounts = new ArrayList<>();
    for (String text : given) {
      if (text.isEmpty()) {
        continue;
      }
      AppMount mount;
      try {
        mount = AppMount.parse(text);
      } catch (IllegalArgumentException e) {
        throw new SluiceException(
            CliError.BAD_VALUE, "--mount=%s: %s.".formatted(text, e.getMessage()), e);
      }
      if (mounts.stream().anyMatch(other -> other.prefix().equals(mount.prefix()))) {
        throw new SluiceException(
            CliError.BAD_VALUE,
            "--mount=%s: there is another application below %s.".formatted(text, mount.prefix()));
      }
      mounts.add(mount);
    }
    return mounts;
  }

  /** SCRIPT_NAME begins with a slash and does not end with one (PEP 3333). */
  private static String rootPath(String given) {
    String path = given.replaceAll("/+$", "");
    if (!path.isEmpty() && !path.startsWith("/")) {
      throw new SluiceException(
          CliError.BAD_VALUE,
          "--root-path=%s does not begin with a slash. Write it as in --root-path=/app."
              .formatted(given));
    }
    return path;
  }

  private PythonOptions pythonOptions(Installation installation, ServerOptions options) {
    return PythonOptions.of(installation)
        .withCache(console.cache())
        .withArguments(List.of("sluice", options.application()))
        .withCloseLimit(CLOSE_LIMIT);
  }

  private int check(
      Installation installation, ServerOptions options, Duration drain, Guarding guarding)
      throws InterruptedException {
    try (Python python = guarding.open(pythonOptions(installation, options))) {
      Server.check(python, options, drain);
    }
    return ExitCode.OK;
  }

  /** Starts the server; where a process before this one has ended for it, however often. */
  private Server start(
      Python python,
      ServerOptions options,
      Stop stop,
      @Nullable SourceWatch watch,
      @Nullable HandOver handOver)
      throws InterruptedException {
    try {
      return Server.start(python, options);
    } catch (SluiceException e) {
      long pid = ProcessHandle.current().pid();
      List<String> addresses = HandOver.addresses(console.environment(), pid);
      if (watch == null || handOver == null || addresses.isEmpty()) {
        throw e;
      }
      LoggerFactory.getLogger(ServeCommand.class)
          .error(
              "the changed application could not be started, which is tried again when its sources"
                  + " change; clients wait meanwhile: {}",
              e.getMessage());
      stop.listenAgain(python.main());
      handOver.goOnChange(python, addresses, watch, stop);
      throw e;
    }
  }

  private int serve(
      Installation installation,
      ServerOptions options,
      Duration drain,
      Stop stop,
      boolean reload,
      Guarding guarding,
      @Nullable String page)
      throws InterruptedException {
    HandOver handOver = HandOver.of(invocation, options.appDir());
    try (SourceWatch watch = Reloading.look(reload, options.appDir());
        Python python = guarding.open(pythonOptions(installation, options));
        Server server = start(python, options, stop, watch, handOver)) {
      stop.listenAgain(python.main());
      stop.started();
      if (watch != null) {
        new Reloading(stop, python, server, options.appDir(), drain, handOver).begin(watch);
      }
      console
          .out()
          .println(
              "Sluice %s serves %s on %s at %s"
                  .formatted(
                      Versions.sluice(),
                      server.applications(),
                      installation.describe(),
                      String.join(" and ", server.urls())));
      if (!server.adminUrls().isEmpty()) {
        console.out().println("Admin pages at " + String.join(" and ", server.adminUrls()));
      }
      if (page != null) {
        console.out().println("Dashboard at " + page);
      }
      console.out().flush();
      stop.await();
      DrainReport report = server.stop(drain);
      stop.drained(report);
    }
    stop.closed();
    return ExitCode.OK;
  }
}
