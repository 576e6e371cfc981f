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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What the graph of waits knows of calls that loops make for threads of Python's, and of the
 * threads that wait for them; on any thread, attached, unless a method says otherwise.
 *
 * <p>Python's side counts its calls and waits in a range of its own interpreter's, above all
 * numbers of {@link AwaitedCall}: so each number means one thing in the whole process.
 */
final class LoopWaits {
  /** No interpreter counts further. */
  private static final long RANGE = 1L << 40;

  private static final AtomicLong RANGES = new AtomicLong(RANGE);

  /** Calls that somebody waits for, or that wait themselves, and are not done. */
  private static final Map<Long, CallOfPython> CALLS = new ConcurrentHashMap<>();

  /** Waits of threads that have begun and not ended. */
  private static final Set<Long> WAITS = ConcurrentHashMap.newKeySet();

  private static final List<Function> FUNCTIONS =
      List.of(
          define(
              "block",
              "block(wait, call, loop, what): the thread is about to wait for a call; the circle"
                  + " that this would close, or None",
              LoopWaits::block),
          define("unblock", "unblock(wait): the thread waits no more", LoopWaits::unblock),
          define("know", "know(call, loop, what): a call waits, or is waited for", LoopWaits::know),
          define("settled", "settled(call): the call is done", LoopWaits::settled),
          define(
              "need",
              "need(call, other): a call awaits another; the circle that this would close, or None",
              LoopWaits::need),
          define("forget", "forget(call, other): it awaits it no more", LoopWaits::forget));

  private record Function(String name, Callbacks.Definition definition) {}

  private LoopWaits() {}

  private static Function define(String name, String doc, LongUnaryOperator body) {
    return new Function(
        name,
        Callbacks.define(
            name, doc, (self, arguments, count, names) -> body.applyAsLong(arguments)));
  }

  /** A call that may need others before it goes on. */
  interface Needy extends WaitGraph.Work {
    /** From now on it does, or did; any thread. */
    void needsOthers();
  }

  /** A call that a loop makes for a thread of Python's: whoever runs the loop has to do it. */
  private static final class CallOfPython implements Needy {
    private final @Nullable LoopDoor loop;
    private final String what;
    private volatile boolean settled;
    private volatile boolean needsOthers;

    CallOfPython(@Nullable LoopDoor loop, String what) {
      this.loop = loop;
      this.what = what;
    }

    void settle() {
      settled = true;
      if (needsOthers) {
        WaitGraph.ALL.forget(this);
      }
    }

    @Override
    public void needsOthers() {
      needsOthers = true;
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
    for (Function each : FUNCTIONS) {
      try (PyObject function = py.own(each.definition().bind(0))) {
        module.setAttr(each.name(), function);
      }
    }
    module.setAttr("first_number", RANGES.getAndAdd(RANGE));
  }

  /** The call with a number, Java's or Python's, if it is known and not done; any thread. */
  static @Nullable Needy call(long number) {
    return number < RANGE ? AwaitedCall.of(number) : CALLS.get(number);
  }

  /** Notes that a call needs other work; null, or the circle that this would close. Any thread. */
  static WaitGraph.@Nullable Circle need(Needy call, WaitGraph.Work other) {
    call.needsOthers();
    WaitGraph.Circle circle = WaitGraph.ALL.need(call, other);
    if (call.isDone()) {
      WaitGraph.ALL.forget(call); // whoever has ended it may not have seen the first line
    }
    return circle;
  }

  private static long block(long arguments) {
    CallOfPython call =
        known(number(arguments, 1), number(arguments, 2), Memory.getLong(arguments + 24));
    WaitGraph.Circle circle = Waiting.begin(call);
    if (circle != null) {
      return text(circle);
    }
    WAITS.add(number(arguments, 0));
    return none();
  }

  private static long unblock(long arguments) {
    if (WAITS.remove(number(arguments, 0))) {
      Waiting.end();
    }
    return none();
  }

  private static long know(long arguments) {
    known(number(arguments, 0), number(arguments, 1), Memory.getLong(arguments + 16));
    return none();
  }

  private static CallOfPython known(long number, long loop, long what) {
    return CALLS.computeIfAbsent(
        number, it -> new CallOfPython(LoopDoor.of(loop), UnicodeApi.toString(what)));
  }

  private static long settled(long arguments) {
    CallOfPython call = CALLS.remove(number(arguments, 0));
    if (call != null) {
      call.settle();
    }
    return none();
  }

  private static long need(long arguments) {
    Needy call = call(number(arguments, 0));
    Needy other = call(number(arguments, 1));
    WaitGraph.Circle circle = call == null || other == null ? null : need(call, other);
    return circle == null ? none() : text(circle);
  }

  private static long forget(long arguments) {
    Needy call = call(number(arguments, 0));
    Needy other = call(number(arguments, 1));
    if (call != null && other != null) {
      WaitGraph.ALL.forget(call, other);
    }
    return none();
  }

  private static long number(long arguments, int index) {
    return NumberApi.asLongQuick(Memory.getLong(arguments + 8L * index));
  }

  private static long text(WaitGraph.Circle circle) {
    return UnicodeApi.fromString(circle.toString());
  }

  private static long none() {
    ObjectApi.incRef(ObjectApi.NONE);
    return ObjectApi.NONE;
  }
}
