package dev.sluice.guard.watch;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** What of a merged stack people want to see; any thread. */
final class StackText {
  private static final String PYTHON = "File \"";
  private static final String JAVA = "at ";
  private static final Pattern GUARD = Pattern.compile("File \"(<sluice guard>|.*/sluice/_guard_)");
  private static final Pattern LOOP = Pattern.compile("File \".*/sluice/_loop\\.py\"");
  private static final Pattern LIBRARY =
      Pattern.compile(
          "File \"(<frozen|.*/sluice/_|.*/lib/python3\\.\\d+/(?!(site|dist)-packages))");

  private StackText() {}

  /** All but the guard's own frames, which stand between a call and what it calls. */
  static List<String> withoutGuard(List<String> stack) {
    return stack.stream().filter(line -> !GUARD.matcher(line).lookingAt()).toList();
  }

  /** Up to the loop, which is below all. */
  static List<String> aboveLoop(List<String> stack) {
    List<String> lines = new ArrayList<>();
    for (String line : stack) {
      if (LOOP.matcher(line).lookingAt()) {
        break;
      }
      lines.add(line);
    }
    return lines.isEmpty() ? stack : lines;
  }

  /**
   * The frame to look at first: the innermost of user code's, in either language; where there is
   * none, the innermost of Python's.
   */
  static String place(List<String> stack) {
    String python = "";
    for (String line : stack) {
      if (line.startsWith(PYTHON)) {
        if (!LIBRARY.matcher(line).lookingAt()) {
          return line;
        }
        python = python.isEmpty() ? line : python;
      } else if (line.startsWith(JAVA) && isUsers(line.substring(JAVA.length()))) {
        return line;
      }
    }
    return python.isEmpty() && !stack.isEmpty() ? stack.getFirst() : python;
  }

  /** As {@link StackTraceElement#toString} writes it, with the loader or the module in front. */
  private static boolean isUsers(String frame) {
    String name = frame.substring(frame.lastIndexOf('/', frame.indexOf('(')) + 1);
    return !frame.startsWith("java.")
        && !frame.startsWith("jdk.")
        && !JavaPlace.isOurs(name)
        && !name.startsWith("io.netty.");
  }
}
