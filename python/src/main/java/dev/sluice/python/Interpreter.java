package dev.sluice.python;

import dev.sluice.python.capi.ThreadStates;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One interpreter of CPython; any thread may call its methods.
 *
 * <p>Thread states are made once per platform thread and kept. Java has no hook for the end of a
 * thread, so those of threads that have ended are swept whenever a new one is made, and on close.
 */
public final class Interpreter implements AutoCloseable {
  private static final Duration STALL_LIMIT = Duration.ofSeconds(10);

  private final ThreadStates door;
  private final long address;
  private final String name;
  private final Gate gate;
  private final List<ThreadState> states = new ArrayList<>();
  private final References references = new References(this);
  private final Names names = new Names();
  private final CrossingCounts crossings = new CrossingCounts();
  private final Workers workers = new Workers(this);
  private volatile Duration stallLimit = STALL_LIMIT;
  private volatile @Nullable CompletableFuture<Void> probe;
  private volatile @Nullable Ending ending;
  private volatile Exposure exposure = Exposure.NOTHING;
  private volatile boolean closed;
  private volatile boolean sweepDue;

  Interpreter(ThreadStates door, long address, String name, Gate gate) {
    this.door = door;
    this.address = address;
    this.name = name;
    this.gate = gate;
  }

  /** How messages and thread names call this interpreter. */
  public String name() {
    return name;
  }

  /**
   * Attaches the calling platform thread, waiting for the GIL as long as it takes.
   *
   * @throws SluiceException on a virtual thread; if the interpreter is closed; or if the thread
   *     that holds the GIL waits in Java, for the calling thread or for longer than {@link
   *     PythonOptions#stallLimit}
   */
  public Attached attach() {
    return Attached.open(this);
  }

  /**
   * The same with a limit; null if the GIL was not to be had in time, as when a thread is inside a
   * C call that keeps it. Another thread tries it out first, which costs some 50 microseconds;
   * whoever takes the GIL between its success and this thread's turn may prolong the wait.
   */
  public @Nullable Attached tryAttach(Duration limit) {
    return Attached.open(this, limit);
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
   * whatever must not wait. The future fails with what the task threw. A thread that is attached
   * and waits for it gives the GIL back meanwhile.
   */
  public <T extends @Nullable Object> CompletableFuture<T> submit(PythonTask<T> task) {
    if (closed) {
      throw closedError();
    }
    return workers.submit(task);
  }

  /**
   * Runs a task on the thread that is this interpreter's main one for Python: the only one where
   * {@code signal.signal} is allowed. Tasks run one after the other.
   *
   * @throws SluiceException if that thread takes no tasks ({@link Python#openHere})
   */
  public <T extends @Nullable Object> CompletableFuture<T> submitToMain(PythonTask<T> task) {
    return ending()
        .owner()
        .submit(() -> {
          try (Attached py = attach()) {
            return task.run(py);
          } catch (RuntimeException e) {
            throw e;
          } catch (Exception e) {
            throw new java.util.concurrent.CompletionException(e);
          }
        });
  }

  /**
   * Ends the interpreter as {@link #shutdown} does, within the limit of its options. What held it
   * up goes to the log.
   */
  @Override
  public void close() {
    ending().close();
  }

  /**
   * Lets nobody in any more, waits for those who are inside, runs {@code atexit} functions, and
   * ends the interpreter; from any thread that is not attached to it, any number of times. The main
   * interpreter ends with {@link Python#shutdown}.
   *
   * @param limit how long it may take in all
   * @return how it went; the same for everybody who closes
   */
  public CloseReport shutdown(Duration limit) {
    return ending().run(limit);
  }

  private Ending ending() {
    Ending own = ending;
    if (own == null) {
      throw new IllegalStateException("an interpreter without a main thread");
    }
    return own;
  }

  void endsWith(Ending newEnding) {
    ending = newEnding;
  }

  ThreadStates door() {
    return door;
  }

  long address() {
    return address;
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

  Duration stallLimit() {
    return stallLimit;
  }

  void setStallLimit(Duration limit) {
    stallLimit = limit;
  }

  /** Where threads wait for this interpreter's GIL. */
  Gate gate() {
    return gate;
  }

  /** Is done as soon as some thread was able to attach after this was called. */
  CompletableFuture<Void> probe() {
    CompletableFuture<Void> running = probe;
    if (running != null && !running.isDone()) {
      return running;
    }
    CompletableFuture<Void> result = new CompletableFuture<>();
    probe = result;
    Thread thread =
        Python.newThread(
            "sluice-probe-" + name,
            () -> {
              try (Attached py = attach()) {
                result.complete(null);
              } catch (Throwable t) {
                result.completeExceptionally(t);
              }
            });
    thread.setDaemon(true);
    thread.start();
    return result;
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

  References references() {
    return references;
  }

  Names names() {
    return names;
  }

  CrossingCounts crossings() {
    return crossings;
  }

  /**
   * With {@code -Dsluice.leaks=true}: where objects were made that were collected without being
   * closed, and those that are open now. From any thread; empty without that property.
   */
  public List<Leak> leaks() {
    Leaks leaks = references.leaks();
    return leaks == null ? List.of() : leaks.report();
  }

  /** How many references wait for somebody to attach. */
  int droppedCount() {
    return references.droppedCount();
  }

  /** Releases what other threads dropped, and what threads that ended left; on attaching. */
  void housekeep() {
    references.drain();
    if (sweepDue) {
      sweepDue = false;
      sweep();
    }
  }

  ThreadState newState(Thread thread) {
    synchronized (states) {
      if (closed) {
        throw closedError();
      }
      sweepDue = true;
      return newStateAtEnd(thread);
    }
  }

  ThreadState newStateAtEnd(Thread thread) {
    synchronized (states) {
      return adoptState(door.create(address), thread);
    }
  }

  /** Takes over a state that the calling thread was given by CPython. */
  ThreadState adoptState(long state, Thread thread) {
    synchronized (states) {
      ThreadState adopted = new ThreadState(this, state, thread);
      states.add(adopted);
      return adopted;
    }
  }

  /** Notes that a thread of Python's own is in Java, with the state that CPython made for it. */
  void lend(ThreadState state) {
    state.inside = true;
    synchronized (states) {
      states.add(state);
    }
  }

  /** Undoes {@link #lend}. */
  void takeBack(ThreadState state) {
    state.inside = false;
    synchronized (states) {
      states.remove(state);
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

  /** The threads that have a state here; for tests and reports. */
  List<ThreadState> states() {
    synchronized (states) {
      return List.copyOf(states);
    }
  }

  /** The thread of Java's that uses the state at the address. */
  @Nullable ThreadState stateAt(long stateAddress) {
    synchronized (states) {
      for (ThreadState state : states) {
        if (state.address == stateAddress) {
          return state;
        }
      }
      return null;
    }
  }

  int stateCount() {
    return states().size();
  }

  /**
   * Lets nobody in any more and waits for those who are inside; on a detached thread.
   *
   * @param deadline in the time of {@link System#nanoTime}
   * @return the states of the threads that were still inside then
   */
  List<ThreadState> shut(long deadline) {
    closed = true;
    workers.shutdown();
    List<ThreadState> holders = insiders();
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

  private List<ThreadState> insiders() {
    synchronized (states) {
      return states.stream().filter(state -> state.inside).toList();
    }
  }

  /** Ends every state but the given one; on the thread of that one, attached, after shut. */
  void disposeStates(ThreadState except) {
    references.drain();
    references.reportOpen();
    references.withdraw();
    names.release();
    List<ThreadState> detached;
    synchronized (states) {
      detached = states.stream().filter(state -> state != except && !state.inside).toList();
      states.clear();
    }
    detached.forEach(state -> door.dispose(state.address));
  }
}
