package dev.sluice.python;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;

/**
 * What Java Flight Recorder is told: of waiting and holding on the thread that does it, of counts
 * on {@code sluice-gil-watch}. Without a recording they cost nothing that could be measured.
 */
final class Events {
  private Events() {}

  /** A thread waited for the GIL. */
  @Name("dev.sluice.AttachWait")
  @Label("Wait for the GIL")
  @Category("Sluice")
  @Threshold("10 ms")
  static final class AttachWait extends Event {
    @Label("Interpreter")
    String interpreter = "";
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
}
