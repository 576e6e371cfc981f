package dev.sluice.cli;

import java.util.List;
import java.util.stream.Stream;

/** Everything that can be set, in the order of the help text and of docs/options.md. */
final class Settings {
  static final Setting INTERFACE =
      new Setting(
          "interface",
          new Setting.Choice(List.of("auto", "wsgi", "asgi")),
          "NAME",
          "auto",
          "What the application speaks: wsgi, asgi, or auto for what it looks like.");
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
          "APP is a function without arguments that returns the application. Without this, such a"
              + " function is called where it can be nothing else.");
  static final Setting MOUNT =
      new Setting(
          "mount",
          new Setting.Texts(),
          "PREFIX=MODULE:APP",
          "",
          "Another application, of WSGI or ASGI, for the paths below PREFIX, which it finds in"
              + " SCRIPT_NAME or root_path; may be given several times.");
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
  static final Setting MICROTHREADS =
      new Setting(
          "microthreads",
          new Setting.Switch(),
          "",
          "false",
          "Run each request of a WSGI application as a microthread, all on one thread: what would"
              + " block it suspends the request only (--guard is farm, unless it is set). Needs the"
              + " package greenlet.");
  static final Setting REQUEST_BODY =
      new Setting(
          "request-body",
          new Setting.Choice(List.of("spool", "stream")),
          "HOW",
          "spool",
          "What becomes of a body larger than --limit-body-in-memory: spool stores it in a temporary"
              + " file before the application is called, stream has the application read it while it"
              + " arrives.");
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
  static final Setting LOOP =
      new Setting(
          "loop",
          new Setting.Choice(List.of("sluice", "asyncio")),
          "NAME",
          "sluice",
          "The loop that asyncio.run and its likes make where the program asks for no other:"
              + " sluice, which sleeps in Java, or asyncio, its own.");
  static final Setting WRONG_THREAD =
      new Setting(
          "wrong-thread",
          new Setting.Choice(List.of("raise", "repair")),
          "POLICY",
          "raise",
          "What becomes of a use of a loop on a thread that does not run it: raise has it fail, and"
              + " ends the loop's run with the same error (a server's goes on); repair does it on"
              + " the right thread, and reports each place once.");
  static final Setting GUARD =
      new Setting(
          "guard",
          new Setting.Text(),
          "POLICY[:WHICH]",
          "off",
          "What becomes of calls that would block a thread that runs a loop: off, report (logs each"
              + " place once, and counts), raise, or farm; WHICH is default, all, or categories with"
              + " commas between them, as in raise:sleep,dns.");
  static final Setting GUARD_RULES =
      new Setting(
          "guard-rules",
          new Setting.Texts(),
          "FILE",
          "",
          "What becomes of some calls, or of those of some callers: a file of TOML with tables"
              + " [[rule]]; may be given several times.");
  static final Setting DASHBOARD =
      new Setting(
          "dashboard",
          new Setting.Text(),
          "HOST:PORT",
          "",
          "Where the page is that shows what blocks, live; its URL is printed. Unless --guard says"
              + " otherwise, the guard reports then. On an address that others reach, the URL has a"
              + " token in it.");
  static final Setting DASHBOARD_ORIGIN =
      new Setting(
          "dashboard-origin",
          new Setting.Texts(),
          "URL",
          "",
          "Where a proxy shows the page of --dashboard to browsers, as in https://blocks.example.com;"
              + " a token is needed then. May be given several times.");
  static final Setting STALL_THRESHOLD =
      new Setting(
          "stall-threshold",
          new Setting.Seconds(3600),
          "SECONDS",
          "0.1",
          "With a guard, or the page: after how long with its callbacks a loop counts as standing"
              + " still, which is logged with its stack; 0 for never.");
  static final Setting RELOAD =
      new Setting(
          "reload",
          new Setting.Switch(),
          "",
          "false",
          "For development: load the application again when a Python file below --app-dir changes."
              + " No request is lost; one that fails to load is reported, and the old one served"
              + " on.");
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

  static final List<Setting> OF_RUN =
      List.of(
          PYTHON,
          VENV,
          JAVA,
          LOOP,
          WRONG_THREAD,
          GUARD,
          GUARD_RULES,
          DASHBOARD,
          DASHBOARD_ORIGIN,
          STALL_THRESHOLD,
          LOG_LEVEL,
          CONFIG);

  static final List<Setting> OF_DOCTOR = List.of(APP_DIR, FACTORY, PYTHON, VENV, CONFIG);

  /** In the order of the help text and of docs/options.md. */
  static final List<Setting> OF_SERVE =
      Stream.of(
              List.of(
                  ListenSettings.BIND,
                  INTERFACE,
                  APP_DIR,
                  FACTORY,
                  MOUNT,
                  ROOT_PATH,
                  PYTHON,
                  VENV,
                  THREADS,
                  MICROTHREADS),
              ListenSettings.OTHERS,
              FileSettings.ALL,
              OperationSettings.ALL,
              List.of(REQUEST_BODY),
              AsgiServeSettings.ALL,
              LimitSettings.ALL,
              List.of(
                  GUARD,
                  GUARD_RULES,
                  DASHBOARD,
                  DASHBOARD_ORIGIN,
                  STALL_THRESHOLD,
                  RELOAD,
                  JAVA,
                  LOG_LEVEL,
                  CONFIG))
          .flatMap(List::stream)
          .toList();

  /** All of them: those of serve, and what only run has. */
  static final List<Setting> ALL = Stream.concat(OF_SERVE.stream(), Stream.of(LOOP)).toList();

  /** Variables that are no options: the launcher's, and where the cache is. */
  static final List<String> OTHER_VARIABLES =
      List.of(
          "SLUICE_CACHE",
          HandOver.VARIABLE,
          ListenSettings.KEY_PASSWORD,
          "SLUICE_JAVA_OPTS",
          "SLUICE_JDK_FOLDERS",
          "SLUICE_LAUNCHER");

  private Settings() {}
}
