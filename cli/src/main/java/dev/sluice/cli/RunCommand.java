package dev.sluice.cli;

import dev.sluice.python.Attached;
import dev.sluice.python.JavaClassPath;
import dev.sluice.python.ProcessExit;
import dev.sluice.python.PyObject;
import dev.sluice.python.Python;
import dev.sluice.python.PythonOptions;
import dev.sluice.python.SignalWatch;
import dev.sluice.python.SluiceException;
import dev.sluice.python.WakeSignal;
import dev.sluice.python.install.Installation;
import dev.sluice.python.install.Installations;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/** {@code sluice run}: a Python program on the thread sluice-main, as python would run it. */
record RunCommand(Console console, Invocation invocation) {
  /** Whether asyncio makes loops of Sluice's, what they do about wrong threads, and who guards. */
  private record Loops(boolean ours, String wrongThread, Guarding guarding) {}

  /** The program, and what becomes its sys.argv. */
  private record Program(String function, String name, List<String> arguments) {}

  int run() {
    Program program = program(invocation.operands());
    // Until the program has its own: see sluice/_signals.py.
    Signals.handle(number -> Runtime.getRuntime().halt(Signals.EXIT_BASE + number));
    Configuration configuration = Configuration.of(console, invocation.flags());
    Logging.configure(configuration.choice(Settings.LOG_LEVEL));
    configuration.paths(Settings.JAVA).forEach(JavaClassPath::add);
    PageOption page = PageOption.of(configuration);
    Installation installation =
        PythonChoice.choose(configuration, console, new Installations(console.cache()));
    Loops loops =
        new Loops(
            configuration.choice(Settings.LOOP).equals("sluice"),
            configuration.choice(Settings.WRONG_THREAD),
            Guarding.of(configuration));
    try (page) {
      String url = page.open(program.name()).url();
      if (url != null) {
        console.err().println("Dashboard at " + url); // what goes to stdout is the program's
      }
      return MainThread.run(() -> run(program, installation, loops));
    }
  }

  private Program program(List<String> operands) {
    if (operands.isEmpty()) {
      throw Invocation.usage(
          invocation.command(),
          "it needs a SCRIPT, or -m and a MODULE, to run; \"sluice run -m code\" is a prompt.");
    }
    String first = operands.getFirst();
    if (!first.startsWith("-m")) {
      if (first.startsWith("-") && first.length() > 1) {
        throw Invocation.usage(
            invocation.command(),
            "there is no option %s: Python's own options are not taken here. Most have a variable,"
                    .formatted(first)
                + " such as PYTHONUNBUFFERED=1 for -u.");
      }
      if (!first.equals("-") && !Files.exists(console.resolve(first))) {
        throw new SluiceException(
            CliError.NO_SCRIPT,
            "there is no script %s. Check the path, or run a module with: sluice run -m MODULE"
                .formatted(console.resolve(first)));
      }
      return new Program("run_script", first, operands);
    }
    int next = 1;
    String module = first.substring(2);
    if (module.isEmpty()) {
      if (operands.size() == 1) {
        throw Invocation.usage(invocation.command(), "-m needs the name of a MODULE to run.");
      }
      module = operands.get(1);
      next = 2;
    }
    List<String> arguments = new ArrayList<>(List.of("-m"));
    arguments.addAll(operands.subList(next, operands.size()));
    return new Program("run_module", module, arguments);
  }

  private int run(Program program, Installation installation, Loops loops) {
    PythonOptions options =
        PythonOptions.of(installation)
            .withCache(console.cache())
            .withArguments(program.arguments());
    // Closing joins the program's threads and runs its atexit functions, as the end of python does.
    try (Python python = Python.openHere(options)) {
      return run(python, program, loops);
    }
  }

  /**
   * The main thread is in Java code that SIGINT could not end; Python's streams are not flushed.
   */
  private static void interrupted() {
    System.err.println(
        "sluice: interrupted: Java code that the program has called did not return.");
    ProcessExit.now(Signals.EXIT_BASE + Signals.SIGINT);
  }

  private static int run(Python python, Program program, Loops loops) {
    try (Attached py = python.main().attach();
        PyObject signals = py.importModule("sluice._signals");
        PyObject onWake = WakeSignal.handler(py);
        PyObject wakes = WakeSignal.count(py);
        PyObject watch = new SignalWatch(python, onWake, RunCommand::interrupted).function(py);
        PyObject installed = signals.callMethod("install", onWake, wakes, watch);
        PyObject loopsLater = py.importModule("sluice._loop_later");
        PyObject later = loopsLater.callMethod("install", loops.ours(), loops.wrongThread());
        PyObject runner = py.importModule("sluice._run");
        PyObject name = py.toPython(program.name())) {
      loops.guarding().install(py);
      try (PyObject code = runner.callMethod(program.function(), name)) {
        return code.as(Integer.class);
      }
    }
  }
}
