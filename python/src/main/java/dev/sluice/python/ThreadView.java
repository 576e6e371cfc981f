package dev.sluice.python;

import dev.sluice.python.capi.FrameReader;
import dev.sluice.python.capi.ThreadStates.Gil;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one thread does in one interpreter, as others see it who have neither the GIL nor that
 * thread's consent; any thread may ask, at the cost of some system calls. It may be over a moment
 * later. Ask only while the thread lives and the interpreter is open.
 */
public final class ThreadView {
  private static final String DOOR = "dev.sluice.python.capi.";

  private static volatile @Nullable FrameReader reader;

  private final ThreadState state;

  private ThreadView(ThreadState state) {
    this.state = state;
  }

  /** What a thread does. */
  public enum Doing {
    /** It runs Java code, or waits in it, and has given the GIL back. */
    IN_JAVA,
    /** It has the GIL: it runs Python code, or C code that keeps the GIL. */
    HAS_GIL,
    /** It waits for the GIL. */
    WAITS_FOR_GIL,
    /** It is in C code that has given the GIL back, and waits there for something else. */
    WAITS_ELSEWHERE,
    /** It is in C code that has given the GIL back, and computes there. */
    COMPUTES_ELSEWHERE
  }

  /**
   * Who has the GIL.
   *
   * @param name the thread's
   * @param frames what it runs, innermost first; empty if that cannot be read
   */
  public record Holder(String name, List<StackTraceElement> frames) {}

  /** The calling thread's, which is attached and has been called by Python. */
  public static ThreadView of(Attached py) {
    ThreadState state = py.state();
    synchronized (ThreadView.class) {
      if (reader == null) {
        reader = FrameReader.open(state.address).orElse(null);
      }
    }
    return new ThreadView(state);
  }

  /** The thread. */
  public Thread thread() {
    return state.thread;
  }

  /** What it does. */
  public Doing doing() {
    if (state.isWaiting()) {
      return Doing.WAITS_FOR_GIL;
    }
    Gil gil = state.interpreter.gate().gil();
    if (gil == null ? state.isHolding() : gil.isTaken() && gil.lastHolder() == state.address) {
      return Doing.HAS_GIL;
    }
    if (state.stayInJava() >= 0) {
      return Doing.IN_JAVA;
    }
    int id = nativeId(state.address);
    if (gil != null && gil.isWaitedForAt(SystemThread.awaitedWord(id))) {
      return Doing.WAITS_FOR_GIL;
    }
    return SystemThread.state(id) == 'R' ? Doing.COMPUTES_ELSEWHERE : Doing.WAITS_ELSEWHERE;
  }

  /** Who has the GIL that this thread needs; empty if nobody has it, or nobody knows. */
  public Optional<Holder> holder() {
    Gil gil = state.interpreter.gate().gil();
    if (gil == null || !gil.isTaken()) {
      return Optional.empty();
    }
    long address = gil.lastHolder();
    ThreadState known = state.interpreter.states().at(address);
    String name = known == null ? nameOf(nativeId(address)) : Errors.name(known.thread);
    return Optional.of(new Holder(name, frames(address)));
  }

  /** The name of the thread that has a GIL. */
  static String name(Interpreter interpreter, Gil gil) {
    long address = gil.lastHolder();
    ThreadState known = interpreter.states().at(address);
    return known == null ? SystemThread.name(nativeId(address)) : known.thread.getName();
  }

  private static String nameOf(int nativeId) {
    return "\"" + SystemThread.name(nativeId) + "\" of Python";
  }

  /**
   * The Python functions that the thread is in, innermost first; their files are whole paths. Empty
   * if there are none, if they change too fast, or if this Python cannot be read from outside.
   */
  public List<StackTraceElement> frames() {
    return frames(state.address);
  }

  /**
   * The thread's stack in both languages, innermost first, a line for each frame. Where it crosses
   * between them more than once, Python's frames stand together at the innermost crossing.
   */
  public List<String> stack() {
    List<String> python = frames().stream().map(ThreadView::line).toList();
    List<String> lines = new ArrayList<>();
    boolean open = true;
    for (StackTraceElement element : state.thread.getStackTrace()) {
      boolean isDoor = element.getClassName().startsWith(DOOR);
      if (open && isDoor && element.getClassName().startsWith("Shapes", DOOR.length())) {
        lines.addAll(python);
        open = false;
      }
      if (!isDoor) {
        lines.add("at " + element);
      }
    }
    if (open) {
      lines.addAll(python);
    }
    return lines;
  }

  /** A frame of Python's, as Python writes it. */
  public static String line(StackTraceElement frame) {
    return "File \"%s\", line %d, in %s"
        .formatted(frame.getFileName(), frame.getLineNumber(), frame.getMethodName());
  }

  private static List<StackTraceElement> frames(long address) {
    FrameReader readable = reader;
    if (readable == null) {
      return List.of();
    }
    synchronized (readable) {
      return readable.frames(address).stream()
          .map(each -> new StackTraceElement("", each.function(), each.file(), each.line()))
          .toList();
    }
  }

  private static int nativeId(long address) {
    FrameReader readable = reader;
    if (readable == null) {
      return 0;
    }
    synchronized (readable) {
      return readable.nativeId(address);
    }
  }

  /** Whether Python's frames can be read from outside here. */
  public static boolean seesFrames() {
    return reader != null;
  }
}
