package dev.sluice.guard.watch;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jdk.jfr.consumer.RecordedClass;
import jdk.jfr.consumer.RecordedFrame;

/**
 * Where Java code blocked a loop, found in the stack of an event; any thread.
 *
 * @param call what user code called, as in {@code java.lang.Thread.sleep}
 * @param site the innermost frame that is neither the JDK's nor Sluice's
 * @param chain that and its callers, up to Python code; the innermost first
 */
record JavaPlace(String call, String site, List<String> chain) {
  private static final String OURS = "dev.sluice.";

  /** Where Python calls Java, and Java Python: user code above is another's matter. */
  private static final String CROSSING = "dev.sluice.python.capi.";

  /** The loop's own rest, and Netty's work. */
  private static final String REST = "dev.sluice.bridge.loop.";

  /** Waiting for the GIL is no blocking call. */
  private static final String GIL = "dev.sluice.python.Queueing";

  private static final List<String> OF_SLUICE =
      List.of("python.", "bridge.", "guard.", "server.", "dashboard.", "cli.");

  /** Empty if no user code blocked. */
  static Optional<JavaPlace> of(List<RecordedFrame> frames, String otherwise) {
    String call = otherwise;
    List<String> chain = new ArrayList<>();
    for (RecordedFrame frame : frames) {
      RecordedClass type = frame.getMethod().getType();
      String name = type.getName();
      if (name.startsWith(CROSSING)) {
        break;
      }
      if (name.startsWith(REST) || name.startsWith(GIL)) {
        return Optional.empty();
      }
      boolean isUsers = !isJdk(type) && !isOurs(name);
      if (isUsers) {
        chain.add(place(frame, name));
      } else if (chain.isEmpty()) {
        call = name + "." + frame.getMethod().getName();
      }
    }
    return chain.isEmpty()
        ? Optional.empty()
        : Optional.of(new JavaPlace(call, chain.getFirst(), List.copyOf(chain)));
  }

  private static boolean isJdk(RecordedClass type) {
    String name = type.getName();
    return name.startsWith("java.") || name.startsWith("jdk.") || name.startsWith("sun.");
  }

  static boolean isOurs(String name) {
    return name.startsWith(OURS)
        && OF_SLUICE.stream().anyMatch(part -> name.startsWith(part, OURS.length()));
  }

  /** As Python's places are written. JFR does not tell the names of files. */
  private static String place(RecordedFrame frame, String type) {
    int end = type.indexOf('$') < 0 ? type.length() : type.indexOf('$');
    String file = type.substring(type.lastIndexOf('.', end) + 1, end) + ".java";
    return "%s:%d in %s.%s"
        .formatted(file, frame.getLineNumber(), type, frame.getMethod().getName());
  }
}
