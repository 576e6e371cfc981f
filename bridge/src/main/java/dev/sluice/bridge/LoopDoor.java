package dev.sluice.bridge;

import dev.sluice.bridge.loop.LoopIo;
import dev.sluice.python.Attached;
import dev.sluice.python.Interpreter;
import dev.sluice.python.PyObject;
import dev.sluice.python.PythonException;
import dev.sluice.python.capi.Callbacks;
import dev.sluice.python.capi.ContainerApi;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.NumberApi;
import dev.sluice.python.capi.ObjectApi;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one Python loop asks of Java; on the thread that runs the loop, attached, unless a method
 * says otherwise.
 *
 * <p>The functions know their loop by a number, never by an address: one that is called after the
 * loop's end gets an exception.
 */
final class LoopDoor {
  private static final Logger LOG = LoggerFactory.getLogger(LoopDoor.class);

  /** What {@code await_} tells: descriptors of Python's are ready. */
  private static final int DESCRIPTORS = 1;

  /** What {@code await_} tells: Java has calls for the loop. */
  private static final int CALLS = 2;

  private static final Map<Long, LoopDoor> DOORS = new ConcurrentHashMap<>();
  private static final AtomicLong NUMBERS = new AtomicLong();

  private static final List<Callbacks.Definition> FUNCTIONS =
      List.of(
          define("await_", "await_(nanos): sleeps; tells what is ready", LoopDoor::await),
          define("take", "take(): the calls that Java has for the loop", (door, at) -> door.take()),
          define("wake", "wake(): ends the sleep; on any thread", (door, at) -> door.wake(false)),
          define(
              "wake_and_wait",
              "wake_and_wait(): the same on a thread that waits next for what comes of it",
              (door, at) -> door.wake(true)),
          define("own", "own(): the calling thread runs the loop from now on", LoopDoor::own),
          define("leave", "leave(): nobody runs the loop any more", LoopDoor::leave),
          define("watch", "watch(descriptor): ends the sleep when it is ready", LoopDoor::watch),
          define("close", "close(): gives back what the loop has of Java", LoopDoor::close));

  private final Interpreter interpreter;
  private final LoopIo io = new LoopIo();
  private final Supplier<Boolean> sleep = this::sleep;

  /** What Python is to call; on the loop's thread only. */
  private final Queue<Call> calls = new ArrayDeque<>();

  /** What other threads want to be called. */
  private final HandedOver<PyObject> handedOver = new HandedOver<>(io::execute, this::call);

  /** What Java is to do attached; on the loop's thread only. */
  private final Queue<Consumer<Attached>> tasks = new ArrayDeque<>();

  /** How others see the loop. */
  private final LoopView view = new LoopView();

  private long nanos;

  /** A function without parameters, which nobody needs any more if this is its last call. */
  private record Call(PyObject function, boolean last) {}

  /** The body of a function of one loop. */
  private interface Body {
    /**
     * Runs it.
     *
     * @param arguments the address of at least one reference
     * @return a new reference, or null with an exception set
     */
    long call(LoopDoor door, long arguments);
  }

  private LoopDoor(Interpreter interpreter) {
    this.interpreter = interpreter;
  }

  private static Callbacks.Definition define(String name, String doc, Body body) {
    return Callbacks.define(
        name,
        doc,
        (self, arguments, count, names) -> {
          LoopDoor door = DOORS.get(NumberApi.asLongQuick(self));
          if (door == null) {
            ErrorApi.raise(ErrorApi.Types.RUNTIME_ERROR, "Event loop is closed");
            return 0;
          }
          try {
            return body.call(door, arguments);
          } catch (PythonException e) {
            ErrorApi.raise(e.exception().address());
            return 0;
          }
        });
  }

  /** A new door, as a tuple of its functions and its number; the thread is attached. */
  static PyObject open(Attached py) {
    return new LoopDoor(py.interpreter()).functions(py);
  }

  /** The door, for the Python loop that will be made with it; the thread is attached. */
  static LoopDoor forLoop(Attached py) {
    return new LoopDoor(py.interpreter());
  }

  PyObject functions(Attached py) {
    long number = NUMBERS.incrementAndGet();
    DOORS.put(number, this);
    long self = NumberApi.fromLong(number);
    long tuple = ContainerApi.newTuple(FUNCTIONS.size() + 1);
    for (int i = 0; i < FUNCTIONS.size(); i++) {
      ContainerApi.setTupleItem(tuple, i, FUNCTIONS.get(i).bind(self));
    }
    ContainerApi.setTupleItem(tuple, FUNCTIONS.size(), self);
    return py.own(tuple);
  }

  /** The door with this number; null once its loop is closed. */
  static @Nullable LoopDoor of(long number) {
    return DOORS.get(number);
  }

  LoopIo io() {
    return io;
  }

  /**
   * Has the loop call a Python function, without arguments, in one of its next passes; on the
   * loop's thread, attached or not. The function stays the caller's.
   */
  void call(PyObject function) {
    calls.add(new Call(function, false));
  }

  /** The same for a function that is nobody's any more. */
  void callOnce(PyObject function) {
    calls.add(new Call(function, true));
  }

  /**
   * Has the loop call a Python function, as {@link #call} does; any other thread. Costs a system
   * call if the loop sleeps.
   *
   * @throws java.util.concurrent.RejectedExecutionException if the loop is closed
   */
  void handOver(PyObject function) {
    handedOver.add(function);
  }

  /**
   * Has something done on the loop's thread, attached, between two passes; any thread. What waits
   * when the loop is closed is done by whoever closes it.
   *
   * @param task what it throws is logged, and harms no other
   * @throws java.util.concurrent.RejectedExecutionException if the loop is closed
   */
  void execute(Consumer<Attached> task) {
    io.execute(() -> tasks.add(task));
  }

  private static long await(LoopDoor door, long arguments) {
    door.nanos = NumberApi.asLong(Memory.getLong(arguments));
    boolean descriptors;
    door.view.rests();
    try (Attached py = door.interpreter.attachedInCallback()) {
      descriptors = py.asleep(door.sleep);
    }
    door.handedOver.takeUntold();
    door.runTasks();
    return NumberApi.fromLong((descriptors ? DESCRIPTORS : 0) | (door.calls.isEmpty() ? 0 : CALLS));
  }

  private void runTasks() {
    if (tasks.isEmpty()) {
      return;
    }
    try (Attached py = interpreter.attachedInCallback()) {
      for (Consumer<Attached> task = tasks.poll(); task != null; task = tasks.poll()) {
        run(py, task);
      }
    }
  }

  private static void run(Attached py, Consumer<Attached> task) {
    try {
      task.accept(py);
    } catch (Throwable e) {
      // It would come out of the loop's sleep, and end its run with all that others wait for.
      LOG.error("a task of Java's failed on a loop", e);
    }
  }

  private Boolean sleep() {
    boolean descriptors = io.await(calls.isEmpty() ? nanos : 0);
    view.goesOn(); // from now on it may have to wait for the GIL
    return descriptors;
  }

  private long take() {
    int count = calls.size();
    long list = ContainerApi.newList(count);
    for (int i = 0; list != 0 && i < count; i++) {
      Call call = calls.remove();
      long function = call.function().address();
      ObjectApi.incRef(function);
      ContainerApi.setListItem(list, i, function);
      if (call.last()) {
        call.function().close();
      }
    }
    return list;
  }

  private long wake(boolean waits) {
    try (Attached py = interpreter.attachedInCallback()) {
      io.wake(
          waits,
          code ->
              py.detached(() -> {
                code.run();
                return true;
              }));
    }
    return none();
  }

  private static long own(LoopDoor door, long arguments) {
    door.io.own();
    try (Attached py = door.interpreter.attachedInCallback()) {
      door.view.entered(py);
    }
    return none();
  }

  private static long leave(LoopDoor door, long arguments) {
    door.view.left();
    return none();
  }

  private static long watch(LoopDoor door, long arguments) {
    door.io.watch((int) NumberApi.asLong(Memory.getLong(arguments)));
    return none();
  }

  private static long close(LoopDoor door, long arguments) {
    door.shut();
    return none();
  }

  /** Gives back what the loop has of Java, and does what is left to do; nobody runs the loop. */
  void shut() {
    DOORS.values().remove(this);
    view.left();
    handedOver.close();
    io.close();
    runTasks();
    for (Call call = calls.poll(); call != null; call = calls.poll()) {
      if (call.last()) {
        call.function().close();
      }
    }
  }

  private static long none() {
    ObjectApi.incRef(ObjectApi.NONE);
    return ObjectApi.NONE;
  }
}
