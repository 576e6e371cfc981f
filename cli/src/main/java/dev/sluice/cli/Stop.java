package dev.sluice.cli;

import dev.sluice.python.Attached;
import dev.sluice.python.IgnoredSignals;
import dev.sluice.python.Interpreter;
import dev.sluice.python.ProcessExit;
import dev.sluice.python.PyObject;
import dev.sluice.server.DrainReport;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a server ends. The first SIGINT or SIGTERM, on a signal thread of the JVM's, lets sluice-main
 * drain and close; the thread sluice-stop sees to it that this ends in time whatever hangs; a
 * second signal ends the process at once.
 */
final class Stop {
  /** What the end may take beside the drain, before it is cut short. */
  private static final Duration GRACE = Duration.ofMillis(400);

  /** So many requests are named at most. */
  private static final int NAMED = 20;

  private final Console console;
  private final Duration drain;

  /** What sluice-main is to do; empty when a signal has come. */
  private final BlockingQueue<Optional<Runnable>> tasks = new LinkedBlockingQueue<>();

  private final AtomicInteger signals = new AtomicInteger();
  private volatile State state = State.STARTING;
  private volatile boolean reported;

  private enum State {
    STARTING,
    SERVING,
    CLOSING,
    CLOSED
  }

  Stop(Console console, Duration drain) {
    this.console = console;
    this.drain = drain;
  }

  /**
   * Takes over the signals, also those that whoever started the process has ignored: a shell that
   * is no terminal's ignores SIGINT for what it starts in the background.
   */
  void listen() {
    Set<Integer> ignored = Signals.handle(this::onSignal);
    if (!ignored.isEmpty()) {
      ignored.forEach(IgnoredSignals::heed);
      Signals.handle(this::onSignal);
    }
  }

  /** Takes them over again, from handlers that the application has put in the place. */
  void listenAgain(Interpreter main) {
    Set<Integer> ignored = Signals.handle(this::onSignal);
    if (!ignored.isEmpty()) {
      try (Attached py = main.attach();
          PyObject signals = py.importModule("_signal")) {
        for (int number : ignored) {
          signals.callMethod("signal", number, signals.attr("SIG_DFL")).close();
        }
      }
      Signals.handle(this::onSignal);
    }
  }

  private void onSignal(int number) {
    if (signals.getAndIncrement() > 0) {
      halt(Signals.EXIT_BASE + number);
    }
    if (state == State.STARTING) {
      halt(ExitCode.OK); // Nothing is served yet, and an import may take any time.
    }
    Thread watch = new Thread(this::watch, "sluice-stop");
    watch.setDaemon(true);
    watch.start();
    tasks.add(Optional.empty());
  }

  void started() {
    state = State.SERVING;
  }

  /** Waits for the first signal, and runs what was posted meanwhile. */
  void await() throws InterruptedException {
    for (Optional<Runnable> task = tasks.take(); task.isPresent(); task = tasks.take()) {
      task.get().run();
    }
  }

  /** Whether there is something else to do: a signal has come, or sources have changed again. */
  boolean hasMore() {
    return !tasks.isEmpty();
  }

  /** Whether a signal has come. */
  boolean isAsked() {
    return signals.get() > 0;
  }

  /** Has the thread that waits run something; any thread. */
  void post(Runnable task) {
    tasks.add(Optional.of(task));
  }

  /** Says what the drain had to cut off. */
  void drained(DrainReport report) {
    state = State.CLOSING;
    if (!report.isClean()) {
      reported = true;
      StringBuilder what = new StringBuilder();
      if (report.cut() > 0) {
        what.append(report.cut() == 1 ? "a request" : report.cut() + " requests");
        what.append(" that did not end within ").append(seconds());
      }
      if (!report.requests().isEmpty()) {
        what.append(what.isEmpty() ? "" : "; ").append("the application had in hand ");
        int count = report.requests().size();
        what.append(String.join(", ", report.requests().subList(0, Math.min(NAMED, count))));
        if (count > NAMED) {
          what.append(" and ").append(count - NAMED).append(" more");
        }
      }
      if (!report.stuck().isEmpty()) {
        what.append(what.isEmpty() ? "" : "; ").append("still inside the application: ");
        what.append(report.stuck().stream().map(Thread::getName).collect(Collectors.joining(", ")));
      }
      Log.LOG.warn("stopped without {}", what);
    }
  }

  /** Python is closed: what the JVM does at its end takes the time it needs. */
  void closed() {
    state = State.CLOSED;
  }

  private String seconds() {
    return drain.toMillis() / 1000.0 + " s";
  }

  private void watch() {
    try {
      Thread.sleep(drain.plus(GRACE));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (state == State.CLOSED) {
      return;
    }
    if (!reported) {
      Log.LOG.warn(
          state == State.CLOSING
              ? "stopped without closing Python: its exit functions, or threads of the application"
                  + " that are no daemons, did not end in time"
              : "stopped in the middle of the drain, which did not end within {}",
          seconds());
    }
    halt(ExitCode.OK);
  }

  private void halt(int code) {
    console.out().flush();
    console.err().flush();
    ProcessExit.now(code);
  }

  /** Made when first used, once the log level is known. */
  private static final class Log {
    static final Logger LOG = LoggerFactory.getLogger(Stop.class);
  }
}
