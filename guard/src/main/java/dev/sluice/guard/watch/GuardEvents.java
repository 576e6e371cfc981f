package dev.sluice.guard.watch;

import dev.sluice.guard.Sighting;
import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/**
 * What Java Flight Recorder is told of blocking calls, on the thread that made them, and of stalls,
 * on the watch's. Until the recorder is in use its classes are not touched.
 */
public final class GuardEvents {
  private GuardEvents() {}

  /** A blocking call was seen. */
  public static void call(Sighting seen) {
    if (FlightRecorder.isInitialized()) {
      BlockingCall event = new BlockingCall();
      if (event.isEnabled()) {
        event.call = seen.call();
        event.callCategory = seen.category();
        event.site = seen.site();
        event.loop = seen.loop();
        event.policy = seen.policy();
        event.took = seen.lost();
        event.chain = String.join("\n", seen.chain());
        event.commit();
      }
    }
  }

  /** A stall is over. */
  static void stall(Stall stall) {
    if (FlightRecorder.isInitialized()) {
      LoopStall event = new LoopStall();
      if (event.isEnabled()) {
        event.loop = stall.loop();
        event.interpreter = stall.interpreter();
        event.kind = stall.kind().name();
        event.took = stall.nanos();
        event.stack = String.join("\n", stall.stack());
        event.holder = String.join("\n", stall.holder());
        event.commit();
      }
    }
  }

  /** A call that blocked a guarded thread, or would have. */
  @Name("dev.sluice.BlockingCall")
  @Label("Blocking call")
  @Category("Sluice")
  @StackTrace(false)
  static final class BlockingCall extends Event {
    @Label("Call")
    String call = "";

    @Label("Category")
    String callCategory = "";

    @Label("Site")
    String site = "";

    @Label("Loop")
    String loop = "";

    @Label("Policy")
    String policy = "";

    @Label("Took")
    @Timespan(Timespan.NANOSECONDS)
    long took;

    @Label("Callers, the innermost first")
    String chain = "";
  }

  /** A loop was with its callbacks for longer than it should be. */
  @Name("dev.sluice.LoopStall")
  @Label("Stall of a loop")
  @Category("Sluice")
  @StackTrace(false)
  static final class LoopStall extends Event {
    @Label("Loop")
    String loop = "";

    @Label("Interpreter")
    String interpreter = "";

    @Label("Kind")
    String kind = "";

    @Label("Took")
    @Timespan(Timespan.NANOSECONDS)
    long took;

    @Label("Stack in both languages, the innermost frame first")
    String stack = "";

    @Label("Who had the GIL")
    String holder = "";
  }
}
