import dev.sluice.python.Attached;
import dev.sluice.python.CloseOnDrop;
import dev.sluice.python.Interpreter;
import dev.sluice.python.PyObject;

/**
 * Adds the next number to a Python list, once in each tick, on a thread of its own.
 *
 * <p>Python did not start that thread and does not know it, so it attaches whenever it touches the
 * list, and holds no lock of Python's while it sleeps.
 */
@CloseOnDrop
public final class Foo implements AutoCloseable {
  private final Interpreter interpreter;
  private final PyObject messages;
  private final long tickMillis;
  private Thread thread;

  /** Python's {@code Foo()}: the scope comes from Sluice. */
  public Foo(Attached py) {
    this(py, 1000);
  }

  public Foo(Attached py, long tickMillis) {
    this.interpreter = py.interpreter();
    this.messages = py.eval("[]");
    this.tickMillis = tickMillis;
  }

  public PyObject messages() {
    return messages;
  }

  public synchronized void start() {
    if (thread == null) {
      thread = new Thread(this::run, "foo");
      thread.start();
    }
  }

  /** Waits for the thread's end. Sluice has given the GIL back, which that thread may need. */
  public void stop() throws InterruptedException {
    Thread running;
    synchronized (this) {
      running = thread;
      thread = null;
    }
    if (running != null) {
      running.interrupt();
      running.join();
    }
  }

  /** Called when Python has dropped a Foo, also one that runs. */
  @Override
  public void close() throws InterruptedException {
    stop();
  }

  private void run() {
    try {
      while (true) {
        // In the midst of each tick, so that after three of them it is three numbers.
        Thread.sleep(tickMillis / 2);
        add();
        Thread.sleep(tickMillis - tickMillis / 2);
      }
    } catch (InterruptedException e) {
      // stop() was called.
    }
  }

  private void add() {
    try (Attached py = interpreter.attach();
        PyObject builtins = py.importModule("builtins");
        PyObject length = builtins.callMethod("len", messages)) {
      builtins.callMethod("print", length).close();
      messages.callMethod("append", length).close();
    }
  }
}
