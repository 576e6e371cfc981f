package dev.sluice.python;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the tests call with arguments of every kind; each method says what it was given. */
@SuppressWarnings("unused") // used from Python
public class Taking {
  public Taking(long value) {}

  public Taking(Object value) {}

  public static String over(double value) {
    return "double";
  }

  public static String over(float value) {
    return "float";
  }

  public static String over(List<?> value) {
    return "List";
  }

  public static String over(Map<?, ?> value) {
    return "Map";
  }

  public static String over(LocalDate value) {
    return "LocalDate";
  }

  public static String over(@Nullable Object value) {
    return "Object";
  }

  public static String width(int value) {
    return "int";
  }

  public static String width(long value) {
    return "long";
  }

  public static String width(Long value) {
    return "Long";
  }

  public static String width(Object value) {
    return value.getClass().getSimpleName();
  }

  public static String named(Locale locale, String text) {
    return "Locale";
  }

  public static String named(String first, Object second) {
    return "String";
  }

  public static String array(int[] values) {
    return "int[]";
  }

  public static String array(long[] values) {
    return "long[]";
  }

  public static String array(double[] values) {
    return "double[]";
  }

  public static String array(String[] values) {
    return "String[]";
  }

  public static String array(Iterable<? extends CharSequence> values) {
    return "Iterable";
  }

  public static String task(Runnable task) {
    return "Runnable";
  }

  public static String task(Callable<?> task) {
    return "Callable";
  }

  public static String arity(Function<Object, Object> one) {
    return "one";
  }

  public static String arity(java.util.function.BiFunction<Object, Object, Object> two) {
    return "two";
  }

  public static String arity(Supplier<Object> none) {
    return "none";
  }

  public static String same(Supplier<Object> one) {
    return "Supplier";
  }

  public static String same(Callable<Object> two) {
    return "Callable";
  }

  public static String join(Iterable<?> items) {
    StringBuilder joined = new StringBuilder();
    items.forEach(joined::append);
    return joined.toString();
  }

  public static String twice(Iterable<?> items) {
    return join(items) + join(items);
  }

  public static String joinAll(Stream<String> items) {
    return items.collect(Collectors.joining());
  }

  public static String joinElsewhere(Iterator<Object> items, boolean isVirtual) throws Exception {
    CompletableFuture<String> joined = new CompletableFuture<>();
    Runnable task =
        () -> {
          try {
            joined.complete(join(() -> items));
          } catch (Throwable t) {
            joined.completeExceptionally(t);
          }
        };
    (isVirtual ? Thread.ofVirtual() : Thread.ofPlatform()).start(task);
    return joined.get();
  }

  public static String classes(Collection<?> items) {
    return items.stream()
        .map(item -> item == null ? "null" : item.getClass().getSimpleName())
        .collect(Collectors.joining(" "));
  }

  public static int sum(List<List<Integer>> rows) {
    int sum = 0;
    for (List<Integer> row : rows) {
      for (Integer number : row) {
        sum += number;
      }
    }
    return sum;
  }

  public static long sizes(Map<String, Set<Long>> map) {
    long sum = 0;
    for (Map.Entry<String, Set<Long>> entry : map.entrySet()) {
      for (Long number : entry.getValue()) {
        sum += number * entry.getKey().length();
      }
    }
    return sum;
  }

  public static String maybe(Optional<Short> value) {
    return value.map(number -> number.getClass().getSimpleName() + number).orElse("empty");
  }

  /** What a PrintStream prints, on a thread of the kind. */
  public static String printed(Object value, String thread) throws InterruptedException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Runnable print = () -> new PrintStream(bytes, true, StandardCharsets.UTF_8).print(value);
    switch (thread) {
      case "virtual" -> Thread.ofVirtual().start(print).join();
      case "platform" -> Thread.ofPlatform().start(print).join();
      default -> print.run();
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  public static String number(OptionalInt value) {
    return value.toString();
  }

  public static String real(OptionalDouble value) {
    return value.toString();
  }

  public static String real(String value) {
    return value;
  }

  public static float half(float value) {
    return value / 2;
  }

  public static String boxes(Float... values) {
    return Arrays.toString(values);
  }

  public static int length(Supplier<String> text) {
    return text.get().length();
  }

  public static long all(List<? extends Callable<Integer>> tasks) throws Exception {
    long sum = 0;
    for (Callable<Integer> task : tasks) {
      sum += task.call();
    }
    return sum;
  }

  /** What only some objects can stand for. */
  public interface Listener {
    void opened(String name);

    String closedAt(int time);

    default void ignored() {}
  }

  public static String listen(Listener listener) {
    listener.opened("x");
    return listener.closedAt(3);
  }

  public static Map<Object, Object> longs() {
    Map<Object, Object> map = new java.util.HashMap<>();
    map.put(1L, "long");
    map.put((short) 2, "short");
    map.put((byte) 3, "byte");
    map.put(java.math.BigInteger.TEN, "big");
    map.put('c', "char");
    map.put(0.5f, "float");
    return map;
  }

  public static void consume(Consumer<Object> consumer) {
    consumer.accept("x");
  }
}
