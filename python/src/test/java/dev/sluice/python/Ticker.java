package dev.sluice.python;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** An object with a thread of its own that appends to a Python list, as in examples/alien. */
@CloseOnDrop
public final class Ticker implements AutoCloseable {
  static final AtomicInteger RUNNING = new AtomicInteger();

  private final Interpreter interpreter;
  private final PyObject messages;
  private volatile boolean running;
  private @Nullable Thread thread;

  public Ticker(Attached py) {
    interpreter = py.interpreter();
    messages = py.eval("[]");
  }

  public PyObject messages() {
    return messages;
  }

  public synchronized void start() {
    running = true;
    RUNNING.incrementAndGet();
    thread = new Thread(this::run, "ticker");
    thread.start();
  }

  public synchronized void stop() throws InterruptedException {
    running = false;
    if (thread != null) {
      thread.join();
      thread = null;
    }
  }

  @Override
  public void close() throws InterruptedException {
    stop();
  }

  private void run() {
    try {
      while (running) {
        try (Attached py = interpreter.attach();
            PyObject length = messages.callMethod("__len__")) {
          messages.callMethod("append", length).close();
        }
        Thread.sleep(1);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      RUNNING.decrementAndGet();
    }
  }
}
