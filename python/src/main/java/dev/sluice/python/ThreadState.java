package dev.sluice.python;

import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.StackBudget;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * One thread's state in one interpreter; written by its thread only, while others may ask what it
 * does.
 */
final class ThreadState {
  private static final long SCRATCH_BYTES = 16 * 1024;

  // Not volatile: a fence for each of them would cost more than the rest of attaching.
  private static final VarHandle INSIDE = field("inside", boolean.class);
  private static final VarHandle HOLDING = field("holding", boolean.class);
  private static final VarHandle WAITING = field("waiting", boolean.class);
  private static final VarHandle ATTACHES = field("attaches", long.class);

  final Interpreter interpreter;
  final long address;
  final Thread thread;

  /** Whether CPython has made the state for a thread of Python's, and will end it. */
  final boolean lent;

  /** What Python's {@code threading.get_ident()} says on that thread. */
  final long ident;

  /** Native memory for the arguments of one call at a time. */
  final Memory.Block scratch = Memory.allocate(SCRATCH_BYTES);

  /** Native memory for the arguments of calls, which nest. */
  final ArgumentStack arguments = new ArgumentStack();

  /** How much of the thread's stack is for Python. */
  final StackBudget stack;

  /** How many scopes of the thread are open in this interpreter, detached ones included. */
  int depth;

  /**
   * True from before the first scope takes the GIL until after the last one gave it back. Written
   * before {@code interpreter.closed} is read, while closing writes that before it reads this: one
   * of the two sees the other.
   */
  volatile boolean inside;

  /**
   * Whether the thread holds the GIL as far as Java knows: Python code that it calls may have given
   * it back for a while. While the thread waits in Java it certainly holds it.
   */
  @SuppressWarnings("UnusedVariable") // read through its handle
  private boolean holding;

  /** Whether the thread waits for the GIL. */
  @SuppressWarnings("UnusedVariable") // read through its handle
  private boolean waiting;

  /** The state that CPython remembered for the thread before it was attached with this one. */
  private long before;

  /** How often the thread has taken the GIL: tells one stay from the next. */
  private long attaches;

  /**
   * Whether a signal has arrived that the thread is to see as soon as possible, until the thread
   * next calls Java, or has left; the thread's interrupt flag is ours meanwhile.
   */
  private volatile boolean signalled;

  /** Whether the thread sleeps in a way that Python code can end at any time. */
  private volatile boolean asleep;

  private static VarHandle field(String name, Class<?> type) {
    try {
      return MethodHandles.lookup().findVarHandle(ThreadState.class, name, type);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  ThreadState(Interpreter interpreter, long address, Thread thread) {
    this(interpreter, address, thread, false);
  }

  ThreadState(Interpreter interpreter, long address, Thread thread, boolean lent) {
    this.interpreter = interpreter;
    this.address = address;
    this.thread = thread;
    this.lent = lent;
    this.ident = interpreter.door().threadIdent();
    this.stack = ThreadContext.get().stack(interpreter);
    interpreter.door().fit(stack, address);
  }

  /** Takes the GIL; on the state's own thread, which must be detached. */
  void attach() {
    boolean visits = visits();
    if (visits) {
      long remembered = interpreter.door().ofThread();
      before = remembered == address ? before : remembered;
    }
    waits(true);
    interpreter.door().attach(address);
    waits(false);
    if (visits) {
      interpreter.door().announce(address);
    }
    attached();
  }

  /** Notes that CPython has given the thread the GIL with this state. */
  void attached() {
    ATTACHES.setRelease(this, attaches + 1);
    HOLDING.setRelease(this, true);
    interpreter.gate().hold(this);
    if (signalled) {
      Thread.interrupted(); // has ended the wait in Java, and is not for the next one
    }
  }

  /** Whether the state may end before its thread, which CPython is then not to remember it for. */
  private boolean visits() {
    return !interpreter.isMain() && !lent;
  }

  /** Gives the GIL back; on the state's own thread, which must be attached. */
  void detach() {
    HOLDING.setRelease(this, false);
    interpreter.door().detach();
    if (visits()) {
      interpreter.door().announce(before);
    }
    interpreter.gate().left();
  }

  /** Notes that the thread goes back to Python code, which takes the GIL without telling. */
  void willHold() {
    HOLDING.setRelease(this, true);
  }

  /** Notes that the thread is about to return into Python, which attached it. */
  void left() {
    HOLDING.setRelease(this, false);
  }

  /**
   * Whether the thread, whose innermost scope is this state's, is attached with it. It always is,
   * but for Java code that a program of Python's has called without telling Sluice, as through
   * {@code ctypes}, which gives the GIL back.
   */
  boolean isAttached() {
    return !interpreter.isGuest() || interpreter.door().isCurrent(address);
  }

  /** Whether the thread is attached with this state although none of its scopes has done it. */
  boolean isAttachedAlready() {
    return (lent || interpreter.isGuest()) && interpreter.door().isCurrent(address);
  }

  /** Announces the thread, before it asks whether it may come in: see {@link #inside}. */
  void enterInterpreter() {
    if (lent) {
      interpreter.states().lend(this);
    } else {
      inside = true;
    }
  }

  /**
   * Notes that the thread is inside no more. Whoever closes sees it a moment later at worst, and
   * asks again: the fence that announces a thread is not needed here.
   */
  void leaveInterpreter() {
    if (signalled) {
      forgetSignal();
    }
    if (lent) {
      interpreter.states().takeBack(this);
    } else {
      INSIDE.setRelease(this, false);
    }
  }

  /**
   * Notes a signal that Python has not handled; any thread. The thread is interrupted if it still
   * is where {@link #stayInJava} said, and else sees the signal before it calls Java again.
   */
  synchronized void signal(long stay) {
    signalled = true;
    if (stay >= 0 && stayInJava() == stay) {
      thread.interrupt();
    }
  }

  boolean isSignalled() {
    return signalled;
  }

  /** Undoes {@link #signal}; on the state's own thread. */
  synchronized void forgetSignal() {
    signalled = false;
    Thread.interrupted();
  }

  /** Whether the thread is inside, but has given the GIL back; any thread may ask. */
  private boolean isInJava() {
    return depth > 0 && !isHolding();
  }

  /**
   * Tells one stay in Java from the next; any thread may ask. Less than 0 if the thread runs Python
   * code, or is outside.
   */
  long stayInJava() {
    long stay = attaches();
    return isInJava() || (inside && isParkedWithGil()) ? stay : -1;
  }

  /** Notes whether the thread sleeps, and Python code can end that. */
  void asleep(boolean now) {
    asleep = now;
  }

  /** Whether the thread is inside, and does not leave before Python code has done its part. */
  boolean isInsideUntilFinish() {
    return lent && asleep;
  }

  /** Notes whether the thread waits for the GIL. */
  void waits(boolean now) {
    WAITING.setRelease(this, now);
  }

  /** Whether the thread waits for the GIL; any thread may ask. */
  boolean isWaiting() {
    return (boolean) WAITING.getAcquire(this);
  }

  /** How often the thread has taken the GIL; any thread may ask. */
  long attaches() {
    return (long) ATTACHES.getAcquire(this);
  }

  /** Whether the thread has the GIL as far as Java knows; any thread may ask. */
  boolean isHolding() {
    return (boolean) HOLDING.getAcquire(this);
  }

  /** Whether it is a thread of Python's own that has called Java, and is not there now. */
  boolean isBackInPython() {
    return lent && !isHolding();
  }

  /** Whether the thread waits for something in Java and keeps the GIL from everybody meanwhile. */
  boolean isParkedWithGil() {
    if (!isHolding()) {
      return false;
    }
    return switch (thread.getState()) {
      case BLOCKED, WAITING, TIMED_WAITING -> isHolding();
      case NEW, RUNNABLE, TERMINATED -> false;
    };
  }
}
