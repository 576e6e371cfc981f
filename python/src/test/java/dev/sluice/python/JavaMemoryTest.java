package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.python.capi.BufferType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.channels.Pipe;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Memory of Java objects in Python, and of Python's objects in Java's methods, without a copy. */
@Timeout(60)
class JavaMemoryTest {
  private final Attached py = EmbeddedPython.main().attach();

  @BeforeEach
  void names() {
    py.exec(
        """
        from sluice import java
        Borrowing = java.type("dev.sluice.python.Borrowing")
        """);
  }

  @AfterEach
  void detach() {
    py.close();
  }

  private String value(String expression) {
    return py.eval(expression).toString();
  }

  @Test
  void buffersOfJavaAreSeenInPlace() {
    int before = BufferType.count();
    py.exec("b = Borrowing.direct(3)\nv = memoryview(b)\nv[1] = 7");
    ByteBuffer direct = Objects.requireNonNull(Borrowing.kept);
    assertThat(direct.get(1)).isEqualTo((byte) 7);
    direct.put(2, (byte) 9);
    assertThat(value("v.tolist(), bytes(b), v.readonly, v.format")).contains("[0, 7, 9]", "'B'");
    direct.position(2);
    assertThat(value("memoryview(b).tolist(), len(v)")).isEqualTo("([9], 3)");
    py.exec("del v, b");
    assertThat(BufferType.count()).isEqualTo(before);
    assertThat(value("memoryview(Borrowing.doubles()).tolist()")).isEqualTo("[0.0, 0.0]");
    py.exec("s = Borrowing.segment()\nmemoryview(s)[:] = b'abcd'");
    assertThat(value("bytes(s), s.byteSize(), s == Borrowing.same(s)"))
        .isEqualTo("(b'abcd', 4, True)");
  }

  @Test
  void segmentsAreArgumentsThemselves() {
    MemorySegment segment = Arena.ofAuto().allocate(2);
    PyObject view = py.eval("memoryview").call(segment);
    view.setItem(1, 5);
    assertThat(segment.get(ValueLayout.JAVA_BYTE, 1)).isEqualTo((byte) 5);
    assertThat(py.toPython(segment).as(MemorySegment.class)).isSameAs(segment);
  }

  @Test
  void viewsOutliveTheirObject() throws InterruptedException {
    py.exec("v = memoryview(Borrowing.direct(3))\nv[2] = 3");
    Borrowing.kept = null;
    for (int i = 0; i < 5; i++) {
      System.gc();
      Thread.sleep(10);
      py.interpreter().references().drain();
    }
    assertThat(value("v.tolist()")).isEqualTo("[0, 0, 3]");
  }

  @Test
  void memoryThatCouldGoIsRefused() {
    assertThatThrownBy(() -> py.eval("memoryview(Borrowing.closable())"))
        .hasMessageContaining("BufferError")
        .hasMessageContaining("Arena.ofAuto()");
    assertThatThrownBy(() -> py.eval("memoryview(Borrowing.otherOrder())"))
        .hasMessageContaining("BufferError: a buffer of the other byte order");
    assertThatThrownBy(() -> py.exec("memoryview(Borrowing.readOnly())[0] = 1"))
        .hasMessageContaining("read-only");
    assertThatThrownBy(() -> py.eval("memoryview(java.type('java.util.ArrayList')())"))
        .hasMessageContaining("TypeError");
    assertThatThrownBy(() -> py.eval("memoryview(Borrowing.truths())"))
        .hasMessageContaining("TypeError");
  }

  @Test
  void memoryOfTheHeapIsCopiedForReading() {
    py.exec("a = Borrowing.ints()\nv = memoryview(a)\na[0] = 5");
    assertThat(value("v.tolist(), v.format, v.readonly, a[0]"))
        .isEqualTo("([1, -2, 3], 'i', True, 5)");
    assertThat(value("memoryview(Borrowing.heap()).tolist()")).isEqualTo("[2, 3]");
    assertThat(value("memoryview(java.type('char[]')(2)).format")).isEqualTo("H");
    assertThat(value("memoryview(java.type('byte[]')(2)).tolist()")).isEqualTo("[0, 0]");
    assertThatThrownBy(() -> py.eval("__import__('io').BytesIO(b'abc').readinto(Borrowing.heap())"))
        .hasMessageContaining("TypeError");
  }

  @Test
  void numpySeesThem() {
    try {
      py.importModule("numpy").close();
    } catch (PythonException e) {
      Assumptions.abort("this Python has no numpy: " + e.getMessage());
    }
    py.exec("import numpy\nb = Borrowing.direct(8)\nnumpy.frombuffer(b, 'i4')[1] = 6");
    assertThat(Objects.requireNonNull(Borrowing.kept).get(4)).isEqualTo((byte) 6);
    assertThat(value("numpy.frombuffer(Borrowing.doubles()).tolist()")).isEqualTo("[0.0, 0.0]");
    assertThat(value("numpy.array(Borrowing.ints()).tolist()")).isEqualTo("[1, -2, 3]");
    assertThat(value("Borrowing.sum(numpy.arange(3, dtype='i1')[:2])")).isEqualTo("1");
  }

  @Test
  void methodsAreLentThePythonObjectsMemory() {
    py.exec("b = bytearray(4)\nBorrowing.fill(7, b, 2)\nBorrowing.fill(8, memoryview(b)[3:], 1)");
    assertThat(value("b")).isEqualTo("bytearray(b'\\x07\\x07\\x00\\x08')");
    py.exec("b.append(1)\nBorrowing.two(b'xy', b)");
    assertThat(value("b[:2], Borrowing.sum(b'ab'), Borrowing.elsewhere(b'ab')"))
        .isEqualTo("(bytearray(b'xy'), 195, 195)");
    assertThat(value("Borrowing(b).size(), Borrowing(None).size(), Borrowing.keep(None)"))
        .isEqualTo("(5, -1, -1)");
    assertThat(value("Borrowing.sum(Borrowing.direct(2)), Borrowing.sum(Borrowing.segment())"))
        .isEqualTo("(0, 0)");
    assertThat(value("[Borrowing.chosen(x) for x in (b'', bytearray(1), memoryview(b''), 'x')]"))
        .isEqualTo("['copied', 'lent', 'read-only', 'object']");
    assertThatThrownBy(() -> py.exec("Borrowing.fill(1, b'abc', 1)"))
        .isInstanceOf(ReadOnlyBufferException.class);
    assertThatThrownBy(() -> py.eval("Borrowing.sum('abc')"))
        .hasMessageContaining("Borrowing.sum(ByteBuffer), argument 1: a str is no java.nio.Byte");
    assertThatThrownBy(() -> py.eval("Borrowing.sum(memoryview(b'abc')[::2])"))
        .hasMessageContaining("TypeError")
        .hasMessageContaining("bytes() makes a copy");
    // In Java's byte order, and the object may be resized again, whatever has happened.
    assertThat(value("Borrowing.keep(b'\\0\\0\\1\\0')")).isEqualTo("256");
    assertThatThrownBy(() -> py.exec("Borrowing.two(b, 5)")).hasMessageContaining("TypeError");
    py.exec("b.append(1)");
  }

  @Test
  void loansEndWithTheCall() {
    py.exec("b = bytearray(b'abcd')\nBorrowing.keep(b)\nb.append(1)");
    ByteBuffer kept = Objects.requireNonNull(Borrowing.kept);
    assertThatThrownBy(() -> kept.get(0)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> kept.put(0, (byte) 1)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> py.exec("Borrowing.keepSegment(b, True)"))
        .hasMessageContaining("on purpose");
    MemorySegment segment = Objects.requireNonNull(Borrowing.keptSegment);
    assertThatThrownBy(() -> segment.get(ValueLayout.JAVA_BYTE, 0))
        .isInstanceOf(IllegalStateException.class);
    assertThat(value("b.append(1), b[:1]")).isEqualTo("(None, bytearray(b'S'))");
    // What comes back is the segment of a loan that has ended.
    assertThatThrownBy(() -> py.eval("memoryview(Borrowing.same(b))"))
        .hasMessageContaining("BufferError");
  }

  @Test
  void whoeverUsesALoanMeanwhileIsStopped() throws Exception {
    py.exec("b = bytearray(8)");
    for (int i = 0; i < 50; i++) {
      py.exec("Borrowing.race(b)\nb.append(0)");
      assertThat(Borrowing.racing.get(20, TimeUnit.SECONDS))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void inputThatIsUnderWayKeepsItsMemory() throws Exception {
    Pipe pipe = Pipe.open();
    py.exec("b = bytearray(2)\ndef read(pipe): Borrowing.read(pipe, b)");
    py.eval("read").call(pipe);
    assertThatThrownBy(() -> py.exec("b.append(1)")).hasMessageContaining("BufferError");
    pipe.sink().write(ByteBuffer.wrap(new byte[] {4, 5}));
    assertThat(Borrowing.reading.get(20, TimeUnit.SECONDS)).isEqualTo(2);
    assertThat(value("b")).isEqualTo("bytearray(b'\\x04\\x05')");
    pipe.sink().close();
    pipe.source().close();
    for (int i = 0; i < 500; i++) {
      System.gc();
      Thread.sleep(10);
      py.interpreter().references().drain();
      try {
        py.exec("b.append(1)");
        return;
      } catch (PythonException e) {
        assertThat(e).hasMessageContaining("BufferError");
      }
    }
    throw new AssertionError("the loan never ended");
  }
}
