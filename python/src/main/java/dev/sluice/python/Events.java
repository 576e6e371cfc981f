package dev.sluice.python;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.WeakHashMap;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import org.jspecify.annotations.Nullable;

/**
 * What Java Flight Recorder is told: of waiting and holding on the thread that does it, of counts
 * on {@code sluice-gil-watch}. Without a recording they cost nothing that could be measured.
 */
final class Events {
  /**
   * Whether Flight Recorder is in use at all. Until it is, its classes are not touched: there are
   * more than a hundred, and every start would pay for them.
   */
  private static boolean recorderInUse;

  private Events() {}

  /** Looks whether Flight Recorder has come into use. */
  static void look() {
    if (!recorderInUse && FlightRecorder.isInitialized()) {
      // That takes some 10 ms, which would be missing from the first wait.
      FlightRecorder.register(AttachWait.class);
      FlightRecorder.register(Held.class);
      recorderInUse = true;
    }
  }

  /** The event, begun; null unless Flight Recorder is in use. Whoever waits has time to look. */
  static @Nullable AttachWait attachWait() {
    look();
    return recorderInUse ? begun(new AttachWait()) : null;
  }

  /** The event, begun; null unless Flight Recorder is in use. */
  static @Nullable Held held() {
    return recorderInUse ? begun(new Held()) : null;
  }

  private static <E extends Event> E begun(E event) {
    event.begin();
    return event;
  }

  /** A thread waited for the GIL, to attach or to come back from Java or a detached block. */
  @Name("dev.sluice.AttachWait")
  @Label("Wait for the GIL")
  @Category("Sluice")
  @Threshold("10 ms")
  static final class AttachWait extends Event {
    @Label("Interpreter")
    String interpreter = "";

    @Label("Taken")
    @Description("Whether the thread had the GIL in the end, not only a limit reached")
    boolean taken;

    void commit(Interpreter waitedFor, boolean isTaken) {
      end();
      if (shouldCommit()) {
        interpreter = waitedFor.name();
        taken = isTaken;
        commit();
      }
    }
  }

  /** A scope was open for long; Python itself may have given the GIL back meanwhile. */
  @Name("dev.sluice.Attached")
  @Label("Attached")
  @Description("From attaching to closing the scope; Python may have given the GIL back meanwhile")
  @Category("Sluice")
  @Threshold("20 ms")
  static final class Held extends Event {
    @Label("Interpreter")
    String interpreter = "";

    void commit(Interpreter attachedTo) {
      end();
      if (shouldCommit()) {
        interpreter = attachedTo.name();
        commit();
      }
    }
  }

  /** How often the boundary was crossed since the last event. */
  @Name("dev.sluice.Crossings")
  @Label("Crossings")
  @Category("Sluice")
  @StackTrace(false)
  static final class Crossings extends Event {
    @Label("Interpreter")
    String interpreter = "";

    @Label("Attached")
    @Description("How often a thread took the GIL")
    long attaches;

    @Label("Calls into Python")
    @Description("Functions of Python that Java called, imports, and source that it ran")
    long callsIntoPython;

    @Label("Calls into Java")
    @Description("Functions, methods and constructors of Java that Python called")
    long callsIntoJava;

    @Label("Threads")
    @Description("How many threads have a thread state")
    int threads;
  }

  /** References that wait for a thread to attach. */
  @Name("dev.sluice.DeferredReferences")
  @Label("Deferred references")
  @Category("Sluice")
  @StackTrace(false)
  static final class DeferredReferences extends Event {
    @Label("Interpreter")
    String interpreter = "";

    @Label("References")
    int count;
  }

  /** Tells the counts of each interpreter, when it is asked to; on the watch. */
  static final class Counts {
    private final Map<Interpreter, Told> before = new WeakHashMap<>();

    /** What the last event counted up to. */
    private record Told(long attaches, long intoPython, long intoJava) {
      static final Told NOTHING = new Told(0, 0, 0);
    }

    void forgetAllBut(List<Interpreter> interpreters) {
      before.keySet().retainAll(interpreters);
    }

    void tell(Interpreter interpreter) {
      if (!recorderInUse) {
        return;
      }
      Crossings crossings = new Crossings();
      if (crossings.isEnabled()) {
        List<ThreadState> states = interpreter.states().all();
        long attaches = states.stream().mapToLong(ThreadState::attaches).sum();
        CrossingCounts counts = interpreter.crossings();
        Told now = new Told(attaches, counts.intoPython, counts.intoJava);
        Told last = Objects.requireNonNullElse(before.put(interpreter, now), Told.NOTHING);
        crossings.interpreter = interpreter.name();
        // Threads that have ended took their counts with them.
        crossings.attaches = Math.max(0, attaches - last.attaches());
        crossings.callsIntoPython = now.intoPython() - last.intoPython();
        crossings.callsIntoJava = now.intoJava() - last.intoJava();
        crossings.threads = states.size();
        crossings.commit();
      }
      DeferredReferences references = new DeferredReferences();
      if (references.isEnabled()) {
        references.interpreter = interpreter.name();
        references.count = interpreter.droppedCount();
        references.commit();
      }
    }
  }
}
