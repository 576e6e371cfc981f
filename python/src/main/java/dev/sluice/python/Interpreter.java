package dev.sluice.python;

import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.ThreadStates;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * One interpreter of CPython; any thread may call its methods.
 *
 * <p>Thread states are made once per platform thread and kept. Java has no hook for the end of a
 * thread, so those of threads that have ended are swept whenever a new one is made, and on close.
 */
public final class Interpreter {
  private final ThreadStates door;
  private final long address;
  private final String name;
  private final List<ThreadState> states = new ArrayList<>();
  private final ConcurrentLinkedQueue<Long> dropped = new ConcurrentLinkedQueue<>();
  private final Workers workers = new Workers(this);
  private volatile Exposure exposure = Exposure.NOTHING;
  private volatile boolean closed;
  private volatile boolean sweepDue;

  Interpreter(ThreadStates door, long address, String name) {
    this.door = door;
    this.address = address;
    this.name = name;
  }

  /** How messages and thread names call this interpreter. */
  public String name() {
    return name;
  }

  /**
   * Attaches the calling platform thread, waiting for the GIL as long as it takes.
   *
   * @throws SluiceException on a virtual thread, or if the interpreter is closed
   */
  public Attached attach() {
    return Attached.open(this);
  }

  /**
   * The scope of a Java function that Python has called: the calling thread holds the GIL already,
   * be it a thread of Java's or one that Python started. Closing it changes nothing.
   */
  public Attached attachedInCallback() {
    return Attached.inCallback(this);
  }

  /**
   * Runs a task on a platform thread of this interpreter, attached; for virtual threads, and for
   * whatever must not wait. The future fails with what the task threw.
   */
  public <T> CompletableFuture<T> submit(PythonTask<T> task) {
    if (closed) {
      throw closedError();
    }
    return workers.submit(task);
  }

  ThreadStates door() {
    return door;
  }

  /** How Java objects without a conversion stand in this interpreter. */
  Exposure exposure() {
    return exposure;
  }

  void expose(Exposure newExposure) {
    exposure = newExposure;
  }

  /** The same where modules of Java's are made. */
  ExposedObjects exposed() {
    return (ExposedObjects) exposure;
  }

  boolean isClosed() {
    return closed;
  }

  SluiceException closedError() {
    return new SluiceException(
        PythonError.INTERPRETER_CLOSED,
        "the interpreter %s is closed, so thread %s cannot attach to it. Keep it open until every"
                .formatted(name, Errors.name(Thread.currentThread()))
            + " caller is done.");
  }

  /** Wraps a new reference; on a thread that is attached to this interpreter. */
  PyObject own(long reference) {
    return new PyObject(this, reference);
  }

  /** Takes back a reference from any thread; it is released at the next attach. */
  void drop(long reference) {
    dropped.add(reference);
  }

  /** Releases what other threads dropped, and what threads that ended left; on attaching. */
  void housekeep() {
    if (!dropped.isEmpty()) {
      releaseDropped();
    }
    if (sweepDue) {
      sweepDue = false;
      sweep();
    }
  }

  private void releaseDropped() {
    Long reference;
    while ((reference = dropped.poll()) != null) {
      ObjectApi.decRef(reference);
    }
  }

  ThreadState newState(Thread thread) {
    synchronized (states) {
      if (closed) {
        throw closedError();
      }
      ThreadState state = new ThreadState(this, door.create(address), thread);
      states.add(state);
      sweepDue = true;
      return state;
    }
  }

  /** Takes over the state that CPython made for the calling thread, which is attached with it. */
  ThreadState adoptState(Thread thread) {
    synchronized (states) {
      ThreadState state = new ThreadState(this, door.current(), thread);
      states.add(state);
      return state;
    }
  }

  /** Ends the states of threads that have ended; on an attached thread. Returns how many. */
  int sweep() {
    List<ThreadState> dead = new ArrayList<>();
    synchronized (states) {
      Iterator<ThreadState> all = states.iterator();
      while (all.hasNext()) {
        ThreadState state = all.next();
        if (!state.thread.isAlive()) {
          all.remove();
          dead.add(state);
        }
      }
    }
    // Outside the lock: clearing a state may run Python code.
    dead.forEach(state -> door.dispose(state.address));
    return dead.size();
  }

  /** How many threads have a state here; for tests and reports. */
  int stateCount() {
    synchronized (states) {
      return states.size();
    }
  }

  /**
   * Lets nobody in any more and waits for those who are inside; on a detached thread.
   *
   * @return the threads that were still inside when the time was over
   */
  List<Thread> shut(Duration limit) {
    closed = true;
    workers.shutdown();
    long deadline = System.nanoTime() + limit.toNanos();
    List<Thread> holders = insiders();
    while (!holders.isEmpty() && System.nanoTime() < deadline) {
      try {
        Thread.sleep(1);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      }
      holders = insiders();
    }
    return holders;
  }

  private List<Thread> insiders() {
    synchronized (states) {
      return states.stream().filter(state -> state.inside).map(state -> state.thread).toList();
    }
  }

  /** Ends every state but the given one; on the thread of that one, attached, after shut. */
  void disposeStates(ThreadState except) {
    List<ThreadState> detached;
    synchronized (states) {
      detached = states.stream().filter(state -> state != except && !state.inside).toList();
      states.clear();
    }
    detached.forEach(state -> door.dispose(state.address));
  }
}
