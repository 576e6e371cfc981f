package dev.sluice.python;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntBinaryOperator;
import org.jspecify.annotations.Nullable;

/** What the tests show to Python. */
@SuppressWarnings("unused") // used from Python
public class Sample {
  public static final int LIMIT = 7;
  public static int counter;

  public String name;
  public final int size;

  public Sample() {
    this("unnamed", 0);
  }

  public Sample(String name, int size) {
    this.name = name;
    this.size = size;
  }

  @KeepGil
  public static int add(int a, int b) {
    return a + b;
  }

  public static int addReleased(int a, int b) {
    return a + b;
  }

  @KeepGil
  public int addTo(int more) {
    return size + more;
  }

  public String upper(String text) {
    return text.toUpperCase(java.util.Locale.ROOT);
  }

  public static String join(String separator, Object... parts) {
    List<String> texts = new ArrayList<>();
    for (Object part : parts) {
      texts.add(String.valueOf(part));
    }
    return String.join(separator, texts);
  }

  public static int sum(int... numbers) {
    return java.util.Arrays.stream(numbers).sum();
  }

  public static String kind(int value) {
    return "int";
  }

  public static String kind(long value) {
    return "long";
  }

  public static String kind(double value) {
    return "double";
  }

  public static String kind(String value) {
    return "String";
  }

  public static String kind(@Nullable Object value) {
    return "Object";
  }

  public static String kind(List<?> value) {
    return "List";
  }

  public static String kind(Iterable<?> value) {
    return "Iterable";
  }

  public static String both(Iterable<?> first, List<?> second) {
    return "first";
  }

  public static String both(List<?> first, Iterable<?> second) {
    return "second";
  }

  public static @Nullable Object same(@Nullable Object value) {
    return value;
  }

  public static long words(Attached py, String text) {
    return py.toPython(text).callMethod("split").callMethod("__len__").as(Long.class);
  }

  public static void fail(String message) throws IOException {
    throw new IOException(message);
  }

  public static Object callBack(Attached py, PyObject function) {
    return function.call();
  }

  public static IntBinaryOperator adder() {
    return Integer::sum;
  }

  public static PyObject keep(PyObject value) {
    return value;
  }

  public static PyFunction keepFunction(PyFunction value) {
    return value;
  }

  public static Runnable keepRunnable(Runnable value) {
    return value;
  }

  /** Nested. */
  public static class Inner {
    public Inner() {}

    public String hello() {
      return "hello";
    }
  }

  /** Functions of a module. */
  public static final class Statics {
    private Statics() {}

    public static String twice(String text) {
      return text + text;
    }

    public static int twice(int number) {
      return 2 * number;
    }
  }
}
