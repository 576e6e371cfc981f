package dev.sluice.python;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.python.capi.BufferType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Memory that Java and Python share without a copy. */
@Timeout(60)
class BuffersTest {
  private final Interpreter main = EmbeddedPython.main();
  private final Attached py = main.attach();

  @BeforeEach
  void define() {
    py.exec("import array");
  }

  @AfterEach
  void detach() {
    py.close();
  }

  private static ByteBuffer direct(int... bytes) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length);
    for (int value : bytes) {
      buffer.put((byte) value);
    }
    return buffer.flip();
  }

  @Test
  void seesPythonsMemory() {
    PyObject bytes = py.eval("bytearray(b'abc')");
    try (PyBuffer buffer = bytes.buffer()) {
      assertThat(buffer.format()).isEqualTo("B");
      assertThat(buffer.itemSize()).isEqualTo(1);
      assertThat(buffer.shape()).containsExactly(3);
      assertThat(buffer.strides()).containsExactly(1);
      assertThat(buffer.isContiguous()).isTrue();
      assertThat(buffer.isReadOnly()).isFalse();
      buffer.segment().set(JAVA_BYTE, 0, (byte) 'x');
      buffer.byteBuffer().put(1, (byte) 'y');
      assertThat(bytes.repr()).isEqualTo("bytearray(b'xyc')");
      assertThatThrownBy(() -> bytes.callMethod("append", 1)).hasMessageContaining("BufferError");
    }
    bytes.callMethod("append", 33).close();
    assertThat(bytes.repr()).isEqualTo("bytearray(b'xyc!')");
  }

  @Test
  void keepsWhatIsReadOnly() {
    try (PyBuffer buffer = py.eval("b'abc'").buffer()) {
      assertThat(buffer.isReadOnly()).isTrue();
      assertThat(buffer.byteBuffer().isReadOnly()).isTrue();
      assertThatThrownBy(() -> buffer.segment().set(JAVA_BYTE, 0, (byte) 0))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> py.eval("b'abc'").writableBuffer())
        .hasMessageContaining("BufferError");
    assertThatThrownBy(() -> py.eval("'abc'").buffer()).hasMessageContaining("TypeError");
    py.eval("bytearray(1)").writableBuffer().close();
  }

  @Test
  void readsShapesAndStrides() {
    try (PyBuffer all =
        py.eval("memoryview(array.array('i', range(12))).cast('B').cast('i', (3, 4))").buffer()) {
      assertThat(all.shape()).containsExactly(3, 4);
      assertThat(all.strides()).containsExactly(16, 4);
      assertThat(all.segment().get(JAVA_INT_UNALIGNED, all.offset(2, 1))).isEqualTo(9);
      assertThat(all.byteBuffer().asIntBuffer().get(9)).isEqualTo(9);
      assertThatThrownBy(() -> all.offset(3, 0)).isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> all.offset(1)).isInstanceOf(IllegalArgumentException.class);
    }
    try (PyBuffer back = py.eval("memoryview(array.array('i', range(12)))[::-3]").buffer()) {
      assertThat(back.shape()).containsExactly(4);
      assertThat(back.isContiguous()).isFalse();
      assertThatThrownBy(back::byteBuffer).isInstanceOf(UnsupportedOperationException.class);
      for (int i = 0; i < 4; i++) {
        assertThat(back.segment().get(JAVA_INT_UNALIGNED, back.offset(i))).isEqualTo(11 - 3 * i);
      }
    }
    for (String empty : new String[] {"b''", "memoryview(b'abc')[3:]", "memoryview(b'')[::-1]"}) {
      try (PyBuffer buffer = py.eval(empty).buffer()) {
        assertThat(buffer.segment().byteSize()).isZero();
      }
    }
  }

  @Test
  void refusesEveryUseAfterClosing() {
    PyObject bytes = py.eval("bytearray(3)");
    PyBuffer buffer = bytes.buffer();
    MemorySegment segment = buffer.segment().asSlice(1);
    ByteBuffer view = buffer.byteBuffer();
    buffer.close();
    buffer.close();
    assertThatThrownBy(() -> segment.get(JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> view.get(0)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(buffer::segment).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(buffer::byteBuffer).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(buffer::format).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(buffer::shape).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> buffer.offset(0)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(buffer::isReadOnly).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void closesOnAThreadThatIsNotAttached() {
    PyObject bytes = py.eval("bytearray(3)");
    PyBuffer buffer = bytes.buffer();
    CompletableFuture.runAsync(buffer::close).join();
    assertThatThrownBy(buffer::segment).isInstanceOf(IllegalStateException.class);
    // Python has not heard of it yet: that takes an attach.
    assertThatThrownBy(() -> bytes.callMethod("append", 1)).hasMessageContaining("BufferError");
    main.references().drain();
    bytes.callMethod("append", 1).close();
  }

  @Test
  void endsViewsThatNobodyCloses() throws InterruptedException {
    PyObject bytes = py.eval("bytearray(3)");
    ByteBuffer last = bytes.buffer().byteBuffer();
    System.gc();
    Thread.sleep(50);
    main.references().drain();
    assertThat(last.get(0)).isZero();
    assertThatThrownBy(() -> bytes.callMethod("append", 1)).hasMessageContaining("BufferError");
    last = ByteBuffer.allocate(0);
    assertThat(last.capacity()).isZero();
    for (int i = 0; i < 100; i++) {
      System.gc();
      Thread.sleep(10);
      main.references().drain();
      try {
        bytes.callMethod("append", 1).close();
        return;
      } catch (PythonException e) {
        assertThat(e).hasMessageContaining("BufferError");
      }
    }
    throw new AssertionError("the view never ended");
  }

  @Test
  void copiesArraysAtOnce() {
    assertThat(py.eval("array.array('d', [0.5, 2])").as(double[].class)).containsExactly(0.5, 2);
    assertThat(py.eval("array.array('f', [0.5])").as(float[].class)).containsExactly(0.5f);
    assertThat(py.eval("array.array('q', [-1, 2])").as(long[].class)).containsExactly(-1, 2);
    assertThat(py.eval("memoryview(array.array('i', range(5)))[::2]").as(int[].class))
        .containsExactly(0, 2, 4);
    assertThat(py.eval("array.array('h', [7])").as(short[].class)).containsExactly((short) 7);
    assertThat(py.eval("memoryview(b'\\x01\\x00').cast('?')").as(boolean[].class))
        .containsExactly(true, false);
    // Other kinds of number go one by one, and have to fit.
    assertThat(py.eval("array.array('q', [3])").as(int[].class)).containsExactly(3);
    assertThatThrownBy(() -> py.eval("array.array('I', [2**32 - 1])").as(int[].class))
        .isInstanceOf(ArithmeticException.class);
    assertThat(py.eval("bytearray(b'ab')").as(byte[].class)).containsExactly('a', 'b');
    assertThat(py.eval("memoryview(b'abc')[::-1]").as(byte[].class)).containsExactly('c', 'b', 'a');
  }

  @Test
  void showsJavasMemoryToPython() {
    ByteBuffer buffer = direct(1, 2, 3);
    try (SharedMemory shared = SharedMemory.of(py, buffer)) {
      py.importModule("__main__").setAttr("shared", shared);
      py.exec("view = memoryview(shared); view[0] = 9");
      assertThat(buffer.get(0)).isEqualTo((byte) 9);
      buffer.put(1, (byte) 8);
      assertThat(py.eval("bytes(shared)").as(byte[].class)).containsExactly(9, 8, 3);
      assertThat(shared.views()).isEqualTo(1);
      assertThatThrownBy(shared::close)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("1 view");
      py.exec("view.release()");
      shared.close();
      shared.close();
      assertThatThrownBy(() -> py.eval("memoryview(shared)"))
          .hasMessageContaining("BufferError")
          .hasMessageContaining("released by Java");
    } finally {
      py.exec("del shared");
    }
  }

  @Test
  void showsNumbersInTheirShape() {
    DoubleBuffer numbers =
        ByteBuffer.allocateDirect(6 * 8).order(ByteOrder.nativeOrder()).asDoubleBuffer();
    for (int i = 0; i < 6; i++) {
      numbers.put(i, i / 2.0);
    }
    PyObject list = py.eval("lambda b: memoryview(b).tolist()");
    assertThat(list.call(numbers.slice(1, 3)).asList(Double.class)).containsExactly(0.5, 1.0, 1.5);
    MemorySegment segment = MemorySegment.ofBuffer(numbers);
    try (SharedMemory shared = SharedMemory.of(py, segment, "d", 8, 2, 3)) {
      assertThat(list.call(shared).repr()).isEqualTo("[[0.0, 0.5, 1.0], [1.5, 2.0, 2.5]]");
      try (PyBuffer back = shared.object().buffer()) {
        assertThat(back.segment().address()).isEqualTo(segment.address());
        assertThat(back.shape()).containsExactly(2, 3);
        assertThat(back.format()).isEqualTo("d");
      }
    }
    assertThatThrownBy(() -> SharedMemory.of(py, segment, "d", 2, 24))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("takes 8 bytes, not 2");
    assertThatThrownBy(() -> SharedMemory.of(py, segment, "d", 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SharedMemory.of(py, segment, "d", 8, 2, 4))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(list.call(ByteBuffer.allocateDirect(0)).repr()).isEqualTo("[]");
    assertThatThrownBy(() -> py.toPython(ByteBuffer.allocateDirect(8).asLongBuffer()))
        .hasMessageContaining("byte order");
  }

  @Test
  void keepsReadOnlyMemoryReadOnly() {
    PyObject shared = py.toPython(direct(1).asReadOnlyBuffer());
    PyObject view = py.eval("memoryview").call(shared);
    assertThat(view.attr("readonly").isTrue()).isTrue();
    assertThatThrownBy(() -> view.setItem(0, 1)).hasMessageContaining("read-only");
    assertThatThrownBy(shared::writableBuffer).hasMessageContaining("BufferError");
  }

  @Test
  void refusesMemoryThatCouldGo() {
    assertThatThrownBy(() -> py.toPython(ByteBuffer.allocate(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("allocateDirect");
    try (Arena confined = Arena.ofConfined();
        Arena shared = Arena.ofShared()) {
      for (Arena arena : new Arena[] {confined, shared}) {
        MemorySegment segment = arena.allocate(8);
        assertThatThrownBy(() -> SharedMemory.of(py, segment, "B", 1))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("Arena.ofAuto()");
        assertThatThrownBy(() -> py.toPython(segment.asByteBuffer()))
            .isInstanceOf(IllegalArgumentException.class);
      }
    }
    SharedMemory.of(py, Arena.ofAuto().allocate(8), "B", 1).close();
    SharedMemory.of(py, Arena.global().allocate(8), "B", 1).close();
  }

  @Test
  void keepsJavasMemoryAsLongAsPythonHasIt() throws InterruptedException {
    PyObject view = viewOfForgottenMemory();
    for (int i = 0; i < 5; i++) {
      System.gc();
      Thread.sleep(20);
      main.references().drain();
    }
    assertThat(view.callMethod("tobytes").as(byte[].class)).containsExactly(5, 6, 7);
    int before = BufferType.count();
    view.close();
    assertThat(BufferType.count()).isEqualTo(before - 1);
  }

  private PyObject viewOfForgottenMemory() {
    return py.eval("memoryview").call(direct(5, 6, 7));
  }

  @Test
  void goesToNumpyAndBackWithoutACopy() {
    PyObject numpy;
    try {
      numpy = py.importModule("numpy");
    } catch (PythonException e) {
      Assumptions.abort("this Python has no numpy: " + e.getMessage());
      return;
    }
    ByteBuffer memory = ByteBuffer.allocateDirect(100_000_000).order(ByteOrder.nativeOrder());
    memory.putDouble(800, 1.5);
    PyObject array = numpy.callMethod("frombuffer", memory.asDoubleBuffer());
    assertThat(array.item(100).as(double.class)).isEqualTo(1.5);
    try (PyBuffer back = array.buffer()) {
      assertThat(back.segment().address()).isEqualTo(MemorySegment.ofBuffer(memory).address());
      assertThat(back.shape()).containsExactly(12_500_000);
    }
    assertThat(numpy.callMethod("arange", 4).as(long[].class)).containsExactly(0, 1, 2, 3);
  }
}
