package dev.sluice.python;

import dev.sluice.python.capi.ThreadStates;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One interpreter of CPython; any thread may call its methods.
 *
 * <p>Thread states are made once per platform thread and kept; a thread of Python's own is attached
 * with the one that Python has made for it.
 */
public final class Interpreter implements AutoCloseable {
  private static final Duration STALL_LIMIT = Duration.ofSeconds(10);

  private final ThreadStates door;
  private final long address;
  private final String name;
  private final Gate gate;
  private final boolean main;
  private final @Nullable Host host;
  private final States states;
  private final References references = new References(this);
  private final Names names = new Names();
  private final CrossingCounts crossings = new CrossingCounts();
  private final Workers workers = new Workers(this);
  private final Onlookers onlookers = new Onlookers(this);
  private volatile Duration stallLimit = STALL_LIMIT;
  private volatile @Nullable Ending ending;
  private volatile Exposure exposure = Exposure.NOTHING;
  private volatile boolean closed;
  private volatile boolean left;

  /** Whether nobody may touch the interpreter any more but the thread that ends it. */
  private volatile boolean finalising;

  Interpreter(ThreadStates door, long address, String name, Gate gate) {
    this(door, address, name, gate, null);
  }

  /**
   * An interpreter in the process of a Python program.
   *
   * @param gate where threads wait for its GIL
   * @param host the program; null where Sluice has started CPython itself
   */
  Interpreter(ThreadStates door, long address, String name, Gate gate, @Nullable Host host) {
    this.door = door;
    this.address = address;
    this.name = name;
    this.gate = gate;
    gate.serves(this);
    this.host = host;
    main = address == door.mainInterpreter();
    states = new States(this);
  }

  /** For messages and debuggers. */
  @Override
  public String toString() {
    return "interpreter " + name + (closed ? " (closed)" : "");
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
    return Attaching.open(this);
  }

  /**
   * The same with a limit; null if the GIL was not to be had in time, as when a thread is inside a
   * C call that keeps it. While Python code has the GIL, another thread takes it first, which costs
   * some 50 microseconds; a thread that Python has started may get in before this one then, and
   * prolong the wait until CPython interrupts it.
   */
  public @Nullable Attached tryAttach(Duration limit) {
    return Attaching.open(this, Objects.requireNonNull(limit, "limit"));
  }

  /**
   * The scope of a Java function that Python has called: the calling thread holds the GIL already,
   * be it a thread of Java's or one that Python started. Closing it changes nothing.
   */
  public Attached attachedInCallback() {
    return Attaching.inCallback(this);
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
   * {@code signal.signal} is allowed. Tasks run one after the other. The future fails with what the
   * task threw, or because that thread takes no tasks ({@link Python#openHere}), because 65,536
   * wait already, or because the interpreter ends before the task's turn. A thread that is attached
   * and waits for it gives the GIL back meanwhile.
   *
   * <p>Where that thread belongs to a Python program ({@link PythonOptions#running}), the task runs
   * as signal handlers do: when the thread next runs Python code. While it waits in Java or in C,
   * the task waits too.
   *
   * @throws SluiceException if the interpreter is closed
   */
  public <T extends @Nullable Object> CompletableFuture<T> submitToMain(PythonTask<T> task) {
    if (closed) {
      throw closedError();
    }
    if (host != null && main) {
      return host.submit(this, task);
    }
    return ending().owner().submit(this, task);
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
   * Lets nobody in any more, waits for those who are inside, joins Python's own threads but
   * daemons, runs {@code atexit} functions, and ends the interpreter; from any thread that is not
   * inside it, any number of times. For the main interpreter it is the same as {@link
   * Python#shutdown}.
   *
   * @param limit how long it may take in all
   * @return how it went; the same for everybody who closes
   * @throws SluiceException on a thread that is inside, be it in Java code that Python has called
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

  /** Whether it is CPython's first one, whose threads CPython knows best. */
  boolean isMain() {
    return main;
  }

  /** Whether Sluice is a guest in a Python program, which has started CPython and will end it. */
  boolean isGuest() {
    return host != null;
  }

  @Nullable Host host() {
    return host;
  }

  /** Whether Python's calls of Java are refused, because nothing for them is there any more. */
  boolean hasLeft() {
    return left;
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

  /** Lets go of what CPython could call; after its end. */
  void ended() {
    if (exposure instanceof ExposedObjects exposed) {
      exposed.ended();
    }
    exposure = Exposure.NOTHING;
  }

  /** The same where modules of Java's are made. */
  ExposedObjects exposed() {
    return (ExposedObjects) exposure;
  }

  boolean isClosed() {
    return closed;
  }

  /** Whether it is just being freed, or has been; only to be relied on as {@link #claim} says. */
  boolean isFinalising() {
    return finalising;
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
    return onlookers.probe();
  }

  Onlookers onlookers() {
    return onlookers;
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

  /**
   * Releases what other threads dropped, and what threads that ended left; on attaching. Whether
   * Python code may have run for it.
   */
  boolean housekeep() {
    boolean ran = references.drain();
    states.sweepIfDue();
    return ran;
  }

  /** The threads that have a state here. */
  States states() {
    return states;
  }

  /**
   * Lets nobody in any more but onlookers, and waits for those who are inside; on a detached
   * thread.
   *
   * @param deadline in the time of {@link System#nanoTime}
   * @return the states of the threads that were still inside then
   */
  List<ThreadState> shut(long deadline) {
    closed = true;
    workers.shutdown();
    List<ThreadState> inside =
        Departure.await(
            states.all().stream().filter(state -> !Onlookers.isOne(state.thread)).toList(),
            ThreadState::isInsideUntilFinish,
            deadline);
    if (isGuest()) {
      workers.awaitEnd(deadline); // so that their states are swept
    }
    return inside;
  }

  /** Refuses from now on what Python calls Java for; on an attached thread. */
  void leave() {
    left = true;
  }

  /**
   * Gives back all that Java has of Python, before CPython frees the interpreter; on the thread
   * that ends it, attached. One object that is left makes CPython keep all memory of an interpreter
   * with a GIL of its own.
   */
  void releaseAll() {
    leave();
    references.releaseAll();
    names.release();
    if (exposure instanceof ExposedObjects exposed) {
      exposed.releaseAll();
    }
  }

  /**
   * Gives back to a Python program what is its own; on an attached thread, after leaving. The state
   * of a thread that lives stays with it, because CPython's own functions may use it there; CPython
   * ends it with itself.
   */
  void endGuest() {
    references.reportOpen();
    references.releaseAll();
    names.release();
    states.sweep();
  }

  /** Detaches the calling thread, which will not attach again. */
  void detachForGood(ThreadState own) {
    if (own.lent) {
      own.detach();
    } else {
      states.remove(own);
      own.left();
      door.disposeCurrent();
    }
  }

  /**
   * Lets nobody at all in any more, and waits for those who are inside nevertheless: onlookers, and
   * threads of Python's own that have called Java. On the thread that ends the interpreter, with
   * the GIL, which it gives back meanwhile.
   *
   * <p>Whoever wants to come in raises {@link ThreadState#inside} (or holds the GIL, or the lock
   * for a new state) before it looks at the flag that is set here first: one of the two sees the
   * other.
   *
   * @return the states of those who did not leave
   */
  List<ThreadState> claim(ThreadState own, long deadline) {
    synchronized (states) {
      finalising = true;
    }
    List<ThreadState> inside = states.insiders().stream().filter(state -> state != own).toList();
    return inside.isEmpty() ? inside : Departure.awaitDetached(inside, deadline);
  }

  /** Undoes {@link #claim} where the interpreter is left as it is. */
  void disclaim() {
    finalising = false;
  }

  /** Ends every state but the given one; on the thread of that one, attached, after a claim. */
  void disposeStates(ThreadState except) {
    references.drain();
    references.reportOpen();
    references.withdraw();
    names.release();
    states.disposeAllBut(except);
  }
}
