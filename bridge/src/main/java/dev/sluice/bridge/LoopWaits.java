package dev.sluice.bridge;

import dev.sluice.python.Attached;
import dev.sluice.python.PyObject;
import dev.sluice.python.WaitGraph;
import dev.sluice.python.Waiting;
import dev.sluice.python.capi.Callbacks;
import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.NumberApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Threads of Python's that wait for what a loop does; on the waiting thread, attached, unless a
 * method says otherwise.
 */
final class LoopWaits {
  private static final Map<Long, Wait> WAITS = new ConcurrentHashMap<>();

  private static final Callbacks.Definition BLOCK =
      Callbacks.define(
          "block",
          "block(wait, loop, what): the thread is about to wait for what a loop does; the circle"
              + " that this would close, or None",
          (self, arguments, count, names) -> block(arguments));

  private static final Callbacks.Definition SETTLED =
      Callbacks.define(
          "settled",
          "settled(wait): what is waited for is done; on any thread",
          (self, arguments, count, names) -> settled(arguments));

  private static final Callbacks.Definition UNBLOCK =
      Callbacks.define(
          "unblock",
          "unblock(wait): the thread waits no more",
          (self, arguments, count, names) -> unblock(arguments));

  private LoopWaits() {}

  /** What a thread waits for: whichever thread runs the loop has to do it. */
  private static final class Wait implements WaitGraph.Work {
    private final @Nullable LoopDoor loop;
    private final String what;
    private volatile boolean settled;

    Wait(@Nullable LoopDoor loop, String what) {
      this.loop = loop;
      this.what = what;
    }

    @Override
    public boolean isDone() {
      return settled;
    }

    @Override
    public @Nullable Thread runner() {
      return loop == null ? null : loop.io().thread();
    }

    @Override
    public String what() {
      return what;
    }
  }

  /** Gives Python's side its functions; attached. */
  static void fill(Attached py, PyObject module) {
    set(py, module, "block", BLOCK);
    set(py, module, "settled", SETTLED);
    set(py, module, "unblock", UNBLOCK);
  }

  private static void set(
      Attached py, PyObject module, String name, Callbacks.Definition definition) {
    try (PyObject function = py.own(definition.bind(0))) {
      module.setAttr(name, function);
    }
  }

  private static long block(long arguments) {
    Wait wait =
        new Wait(
            LoopDoor.of(NumberApi.asLongQuick(Memory.getLong(arguments + 8))),
            UnicodeApi.toString(Memory.getLong(arguments + 16)));
    WaitGraph.Circle circle = Waiting.begin(wait);
    if (circle != null) {
      return UnicodeApi.fromString(circle.toString());
    }
    WAITS.put(NumberApi.asLongQuick(Memory.getLong(arguments)), wait);
    return none();
  }

  private static long settled(long arguments) {
    Wait wait = WAITS.get(NumberApi.asLongQuick(Memory.getLong(arguments)));
    if (wait != null) {
      wait.settled = true;
    }
    return none();
  }

  private static long unblock(long arguments) {
    if (WAITS.remove(NumberApi.asLongQuick(Memory.getLong(arguments))) != null) {
      Waiting.end();
    }
    return none();
  }

  private static long none() {
    ObjectApi.incRef(ObjectApi.NONE);
    return ObjectApi.NONE;
  }
}
