package dev.sluice.python;

import dev.sluice.python.Stacks.PythonThread;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The stacks of all threads that an interpreter knows, in both languages; any thread may ask. Where
 * a thread crosses between them more than once, its Python frames stand together at the innermost
 * crossing: CPython does not tell which of them called Java.
 */
final class ThreadDump {
  private static final String DOOR = "dev.sluice.python.capi.";

  private ThreadDump() {}

  static String of(List<Interpreter> interpreters) {
    StringBuilder text = new StringBuilder();
    for (Interpreter interpreter : interpreters) {
      text.append("interpreter ").append(interpreter.name()).append('\n');
      Map<Long, PythonThread> python = new HashMap<>(Stacks.ofPython(interpreter));
      if (interpreter.isFinalising()) {
        text.append("  (no Python frames: the interpreter has ended, or is just being freed)\n");
      } else if (python.isEmpty()) {
        text.append("  (no Python frames: the GIL was not to be had)\n");
      }
      for (ThreadState state : interpreter.states().all()) {
        PythonThread frames = python.remove(state.ident);
        if ((state.inside || frames != null) && !Onlookers.isOne(state.thread)) {
          append(text, state, frames == null ? List.of() : frames.frames());
        }
      }
      for (PythonThread thread : python.values()) {
        text.append("  \"").append(thread.name()).append("\" of Python\n");
        thread.frames().forEach(frame -> python(text, frame));
      }
    }
    return text.toString();
  }

  private static void append(StringBuilder text, ThreadState state, List<String> frames) {
    text.append("  ").append(Errors.name(state.thread)).append(' ');
    text.append(Stacks.doing(state)).append('\n');
    boolean open = true;
    for (StackTraceElement element : state.thread.getStackTrace()) {
      // Above the frame that called Python, and below the one that Python has called.
      if (open && element.getClassName().startsWith(DOOR + "Shapes")) {
        frames.forEach(frame -> python(text, frame));
        open = false;
      }
      if (!element.getClassName().startsWith(DOOR)) {
        text.append("    at ").append(element).append('\n');
      }
    }
    if (open) {
      frames.forEach(frame -> python(text, frame));
    }
  }

  private static void python(StringBuilder text, String frame) {
    text.append("    ").append(frame).append('\n');
  }
}
