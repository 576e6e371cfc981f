package dev.sluice.python.capi;

import java.lang.foreign.MemorySegment;

/**
 * The words of the calling thread's state, for whoever exchanges some of them; on a thread that is
 * attached, which must be the one to use what it gets, and not after its state has ended.
 */
public final class ThreadWords {
  private static final MemorySegment GET = Libpython.symbol("PyThreadState_Get");
  private static final MemorySegment DICT = Libpython.symbol("PyThreadState_GetDict");

  /** In no version a state is smaller. */
  private static final int COUNT = LifecycleApi.minorVersion() >= 13 ? 64 : 40;

  private static final int POLL_DICT = 16;

  private ThreadWords() {}

  /** The first words of the thread's state. */
  public static MemorySegment ofCaller() {
    return MemorySegment.ofAddress(Shapes.call(GET)).reinterpret(COUNT * 8L);
  }

  /** The dictionary of the thread's state, borrowed. */
  public static long dict() {
    return Shapes.call(DICT);
  }

  /** What an object of select.poll watches, borrowed; 0 if that is not where it should be. */
  public static long watchedBy(long poll) {
    long dict = Memory.getLong(poll + POLL_DICT);
    return dict != 0 && ObjectApi.type(dict) == ContainerApi.DICT_TYPE ? dict : 0;
  }
}
