package dev.sluice.cli;

import java.util.List;

/** Everything that can be set, in the order of the help text and of docs/options.md. */
final class Settings {
  static final Setting BIND =
      new Setting(
          "bind",
          new Setting.Texts(),
          "HOST:PORT|unix:PATH|fd:N",
          "127.0.0.1:8000",
          "Where to listen; may be given several times. Port 0 lets the system choose: the banner"
              + " tells which. fd:N is a listening TCP socket that the process was started with.");
  static final Setting INTERFACE =
      new Setting(
          "interface",
          new Setting.Choice(List.of("auto", "wsgi", "asgi")),
          "NAME",
          "auto",
          "What the application speaks: auto or wsgi. (asgi is refused: not there yet.)");
  static final Setting APP_DIR =
      new Setting(
          "app-dir",
          new Setting.Text(),
          "DIR",
          ".",
          "The folder to import the application from; it comes first on sys.path.");
  static final Setting FACTORY =
      new Setting(
          "factory",
          new Setting.Switch(),
          "",
          "false",
          "APP is a function without arguments that returns the application.");
  static final Setting ROOT_PATH =
      new Setting(
          "root-path",
          new Setting.Text(),
          "PATH",
          "",
          "The path below which a proxy shows the application: SCRIPT_NAME. A path that begins with"
              + " it loses it; others stay whole.");
  static final Setting THREADS =
      new Setting(
          "threads",
          new Setting.Whole(1, 1024),
          "N",
          "1",
          "How many threads may run the application at once.");
  static final Setting LIMIT_QUEUE =
      new Setting(
          "limit-queue",
          new Setting.Whole(1, 1_000_000),
          "N",
          "1024",
          "How many requests may wait for Python; one more is answered 503.");
  static final Setting LIMIT_CONNECTIONS =
      new Setting(
          "limit-connections",
          new Setting.Whole(1, 1_000_000),
          "N",
          "10000",
          "How many connections may be open; one more is answered 503 and closed.");
  static final Setting LIMIT_REQUEST_LINE =
      new Setting(
          "limit-request-line",
          new Setting.Bytes(64, 1 << 20),
          "BYTES",
          "8K",
          "The longest request line; a longer one is answered 414.");
  static final Setting LIMIT_HEADER_BYTES =
      new Setting(
          "limit-header-bytes",
          new Setting.Bytes(256, 16 << 20),
          "BYTES",
          "64K",
          "The most bytes of all headers of a request; more are answered 431.");
  static final Setting LIMIT_HEADERS =
      new Setting(
          "limit-headers",
          new Setting.Whole(8, 10_000),
          "N",
          "128",
          "The most headers of a request; more are answered 431.");
  static final Setting LIMIT_REQUEST_BODY =
      new Setting(
          "limit-request-body",
          new Setting.Bytes(0, Long.MAX_VALUE),
          "BYTES",
          "1G",
          "The largest body of a request; a larger one is answered 413.");
  static final Setting TIMEOUT_KEEP_ALIVE =
      new Setting(
          "timeout-keep-alive",
          new Setting.Seconds(86_400),
          "SECONDS",
          "75",
          "How long a connection may be idle between two requests.");
  static final Setting TIMEOUT_REQUEST =
      new Setting(
          "timeout-request",
          new Setting.Seconds(86_400),
          "SECONDS",
          "60",
          "How long a request may make no progress while it arrives; then its connection is ended,"
              + " with the answer 408 once its head was read.");
  static final Setting TIMEOUT_DRAIN =
      new Setting(
          "timeout-drain",
          new Setting.Seconds(86_400),
          "SECONDS",
          "1.5",
          "How long requests in flight may take to finish once SIGTERM or SIGINT has come.");
  static final Setting PYTHON =
      new Setting(
          "python",
          new Setting.Text(),
          "PATH",
          "",
          "The Python to use: an executable or its name on the PATH, a virtual environment, or a"
              + " prefix.");
  static final Setting VENV =
      new Setting(
          "venv",
          new Setting.Text(),
          "DIR",
          "",
          "The virtual environment to use. Without this and --python: $VIRTUAL_ENV, else the"
              + " embedded Python.");
  static final Setting JAVA =
      new Setting(
          "java",
          new Setting.Texts(),
          "PATH",
          "",
          "Java classes for Python code: a jar, a folder of classes, a .java file or a folder of"
              + " those, or several as on a class path; may be given several times.");
  static final Setting LOG_LEVEL =
      new Setting(
          "log-level",
          new Setting.Choice(List.of("debug", "info", "warning", "error")),
          "LEVEL",
          "info",
          "What is logged on stderr: debug, info, warning or error.");

  /** Not in the file, since it names the file. */
  static final Setting CONFIG =
      new Setting(
          "config",
          new Setting.Text(),
          "FILE",
          "sluice.toml",
          "The configuration file; it need not exist unless it is named.");

  /** Those that decide which Python is used. */
  static final List<Setting> OF_PYTHON = List.of(PYTHON, VENV, CONFIG);

  static final List<Setting> OF_RUN = List.of(PYTHON, VENV, JAVA, LOG_LEVEL, CONFIG);

  static final List<Setting> OF_DOCTOR = List.of(APP_DIR, FACTORY, PYTHON, VENV, CONFIG);

  static final List<Setting> OF_SERVE =
      List.of(
          BIND,
          INTERFACE,
          APP_DIR,
          FACTORY,
          ROOT_PATH,
          PYTHON,
          VENV,
          THREADS,
          LIMIT_QUEUE,
          LIMIT_CONNECTIONS,
          LIMIT_REQUEST_LINE,
          LIMIT_HEADER_BYTES,
          LIMIT_HEADERS,
          LIMIT_REQUEST_BODY,
          TIMEOUT_KEEP_ALIVE,
          TIMEOUT_REQUEST,
          TIMEOUT_DRAIN,
          JAVA,
          LOG_LEVEL,
          CONFIG);

  /** Variables that are no options: the launcher's, and where the cache is. */
  static final List<String> OTHER_VARIABLES =
      List.of("SLUICE_CACHE", "SLUICE_JAVA_OPTS", "SLUICE_JDK_FOLDERS", "SLUICE_LAUNCHER");

  private Settings() {}
}
