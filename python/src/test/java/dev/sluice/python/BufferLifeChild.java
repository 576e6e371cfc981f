package dev.sluice.python;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.sluice.python.capi.LifecycleApi;
import java.lang.foreign.MemorySegment;
import java.lang.ref.WeakReference;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;

/** The programs that {@link BufferLifeTest} starts in processes of their own. */
final class BufferLifeChild {
  private BufferLifeChild() {}

  public static void main(String[] arguments) throws Exception {
    Python python = Python.open(TestedPython.options());
    switch (arguments[0]) {
      case "release" -> release(python);
      case "end" -> end(python);
      case "busy" -> busy(python);
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  /** Collects while Python runs code of the object whose view is released. */
  private static void release(Python python) throws Exception {
    if (LifecycleApi.minorVersion() < 12) {
      System.out.println("Python is too old");
      return;
    }
    AtomicInteger gone = new AtomicInteger();
    AtomicInteger released = new AtomicInteger();
    List<WeakReference<Object>> blocks = new ArrayList<>();
    try (Attached py = python.main().attach()) {
      IntSupplier collect =
          () -> {
            System.gc();
            gone.addAndGet(blocks.getLast().refersTo(null) ? 1 : 0);
            return released.incrementAndGet();
          };
      py.module("__main__").function("collect", IntSupplier.class, collect);
      py.exec(
          """
          class Watched:
              def __buffer__(self, flags): return memoryview(bytearray(8))
              def __release_buffer__(self, view): collect()
          """);
      for (int i = 0; i < 20; i++) {
        viewed(py, blocks).close();
      }
    }
    System.out.println("released " + released + ", gone meanwhile " + gone);
  }

  private static PyBuffer viewed(Attached py, List<WeakReference<Object>> blocks) throws Exception {
    try (PyObject watched = py.eval("Watched()")) {
      PyBuffer buffer = watched.buffer();
      Object view = field(buffer, "view");
      blocks.add(new WeakReference<>(field(view, "block")));
      return buffer;
    }
  }

  private static Object field(Object object, String name) throws ReflectiveOperationException {
    Field field = object.getClass().getDeclaredField(name);
    field.setAccessible(true);
    return field.get(object);
  }

  /** Nothing that was open when an interpreter ended can be used afterwards. */
  private static void end(Python python) {
    List<Interpreter> all = new ArrayList<>();
    all.add(python.newInterpreter(InterpreterOptions.sharedGil()));
    if (LifecycleApi.minorVersion() >= 13) {
      all.add(python.newInterpreter(InterpreterOptions.ownGil()));
    }
    all.add(python.main());
    for (Interpreter interpreter : all) {
      PyBuffer buffer;
      MemorySegment onlySegment;
      ByteBuffer onlyBytes;
      SharedMemory shared;
      try (Attached py = interpreter.attach()) {
        buffer = py.eval("bytearray(b'abcd' * 20)").buffer();
        onlySegment = py.eval("bytearray(b'abcd' * 2000000)").buffer().segment().asSlice(1);
        onlyBytes = py.eval("b'abcd'").buffer().byteBuffer();
        shared = SharedMemory.of(py, ByteBuffer.allocateDirect(8));
        py.eval("memoryview").call(shared);
      }
      System.gc();
      if (interpreter == python.main()) {
        python.shutdown(Duration.ofSeconds(10));
      } else {
        interpreter.shutdown(Duration.ofSeconds(10));
      }
      System.gc();
      String uses =
          use(() -> buffer.segment().get(JAVA_BYTE, 0))
              + use(() -> onlySegment.get(JAVA_BYTE, 0))
              + use(() -> onlyBytes.get(0));
      shared.close();
      buffer.close();
      System.out.println(uses.strip() + ", shared closed " + (shared.views() == 0));
    }
  }

  private static String use(Runnable use) {
    try {
      use.run();
      return "read ";
    } catch (IllegalStateException e) {
      return "refused ";
    }
  }

  /** A call of the JDK's is writing out of the memory while the interpreter ends. */
  private static void busy(Python python) throws Exception {
    ByteBuffer bytes;
    try (Attached py = python.main().attach()) {
      bytes = py.eval("bytearray(b'abcd' * 1000000)").buffer().byteBuffer();
    }
    Pipe pipe = Pipe.open();
    Thread writer =
        new Thread(() -> {
          try {
            pipe.sink().write(bytes.duplicate());
          } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
    writer.start();
    pipe.source().read(ByteBuffer.allocate(1));
    boolean finalised = python.shutdown(Duration.ofSeconds(10)).finalised();
    ByteBuffer rest = ByteBuffer.allocate(4_000_000 - 1);
    while (rest.hasRemaining()) {
      pipe.source().read(rest);
    }
    writer.join();
    System.out.println(rest.get(3_999_998) == 'd' ? "still there" : "overwritten");
    System.out.println("finalised=" + finalised);
  }
}
