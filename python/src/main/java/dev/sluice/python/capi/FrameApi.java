package dev.sluice.python.capi;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * What the threads of one interpreter run, whoever made them; on a thread attached to it.
 *
 * <p>{@code sys._current_frames} is no way to ask: it walks the threads of all interpreters with
 * only one GIL held, and reads frames that another GIL protects.
 */
public final class FrameApi {
  private static final MemorySegment FIRST = Libpython.symbol("PyInterpreterState_ThreadHead");
  private static final MemorySegment NEXT = Libpython.symbol("PyThreadState_Next");
  private static final MemorySegment FRAME = Libpython.symbol("PyThreadState_GetFrame");
  private static final MemorySegment CURRENT = Libpython.symbol("PyThreadState_Get");
  private static final MemorySegment IDENT = Libpython.symbol("PyThread_get_thread_ident");

  /** {@code PyThreadState.thread_id} stands somewhere near the front; where, depends. */
  private static final int SEARCHED = 512;

  private static final int THREAD_ID = findThreadId();

  private FrameApi() {}

  /**
   * A thread and what it runs.
   *
   * @param ident what Python's {@code threading.get_ident()} says there
   * @param frame a new reference to its innermost frame
   */
  public record Running(long ident, long frame) {}

  private static int findThreadId() {
    long state = Shapes.call(CURRENT);
    long ident = Shapes.call(IDENT);
    for (int at = 0; at < SEARCHED; at += 8) {
      if (Memory.getLong(state + at) == ident) {
        return at;
      }
    }
    return -1;
  }

  /** All threads but the calling one that run Python code; none if their idents are not found. */
  public static List<Running> others(long interpreter) {
    List<Running> running = new ArrayList<>();
    long own = Shapes.call(CURRENT);
    if (THREAD_ID < 0) {
      return running;
    }
    // States go with the GIL held, which the calling thread has; new ones come at the head.
    for (long s = Shapes.call(FIRST, interpreter); s != 0; s = Shapes.call(NEXT, s)) {
      long frame = s == own ? 0 : Shapes.call(FRAME, s);
      if (frame != 0) {
        running.add(new Running(Memory.getLong(s + THREAD_ID), frame));
      }
    }
    return running;
  }
}
