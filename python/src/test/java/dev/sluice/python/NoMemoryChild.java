package dev.sluice.python;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** The program that {@link NoMemoryTest} starts in a process of its own. */
final class NoMemoryChild {
  /** More than any of the uses allocates after its first time. */
  private static final int MOST_ALLOCATIONS = 60;

  private NoMemoryChild() {}

  record Point(int x, double y) {}

  /** One use of Python that allocates. */
  private record Use(String name, Consumer<Attached> code) {}

  public static void main(String[] arguments) {
    try (Python python = Python.open(TestedPython.options());
        Attached py = python.main().attach()) {
      try {
        py.exec("import _testcapi");
      } catch (PythonException e) {
        System.out.println("no _testcapi");
        return;
      }
      run(py);
    }
    System.out.println("survived");
  }

  private static void run(Attached py) {
    PyFunction start = py.eval("_testcapi.set_nomemory").function();
    PyFunction stop = py.eval("_testcapi.remove_mem_hooks").function();
    for (Use use : uses(py)) {
      int failures = 0;
      for (int i = 0; i < MOST_ALLOCATIONS; i++) {
        String outcome = "";
        // The first time without a fault, so that what is kept from then on is there.
        if (i > 0) {
          start.run(i - 1, i);
        }
        try {
          use.code().accept(py);
        } catch (PythonException e) {
          outcome = String.valueOf(e.getMessage());
        } catch (IllegalStateException | OutOfMemoryError e) {
          outcome = "MemoryError as " + e;
        } finally {
          stop.run();
        }
        if (py.raised()) {
          System.out.println("wrong: " + use.name() + " leaves an exception set");
          py.failure();
        }
        if (!outcome.isEmpty() && !outcome.startsWith("MemoryError")) {
          System.out.println("wrong: " + use.name() + " at " + i + " threw " + outcome);
        }
        failures += outcome.isEmpty() ? 0 : 1;
      }
      System.out.println(use.name() + " failed " + failures + " times");
    }
  }

  private static List<Use> uses(Attached py) {
    py.exec("def same(*a, **k): return a[0] if a else None\ndef fail(): raise ValueError('x')");
    PyObject fail = py.eval("fail");
    py.module("of_java")
        .type(Sample.class)
        .function(
            "raising",
            PythonFunction.class,
            (in, given) -> {
              throw new IllegalArgumentException("no");
            })
        .function("thrown_back", PythonFunction.class, (in, given) -> fail.call());
    py.exec(
        """
        import of_java
        def caught(f):
            try: f()
            except MemoryError: raise
            except Exception: pass
        """);
    PyObject same = py.eval("same");
    PyFunction identity = same.function();
    PyObject caught = py.eval("caught");
    PyObject raising = py.eval("of_java.raising");
    PyObject thrownBack = py.eval("of_java.thrown_back");
    PyObject sample = py.eval("of_java.Sample('a', 5)");
    PyFunction number = py.eval("lambda a, b=0: a + b").function();
    PyObject made = py.eval("[{'a': [1 << 40, (2.5, 'x')]}]");
    PyObject huge = py.eval("1 << 100");
    long large = 1L << 40;
    return List.of(
        new Use("list", in -> in.toPython(List.of("a", List.of(large), 1.5)).close()),
        new Use("set", in -> in.toPython(Set.of("only")).close()),
        new Use("dict", in -> in.toPython(Map.of("key", Map.of(large, 2.5))).close()),
        new Use("record", in -> in.toPython(new Point(100_000, 2.5)).close()),
        new Use("longs", in -> in.toPython(new long[] {large, large + 1}).close()),
        new Use("doubles", in -> in.toPython(new double[] {1.5, 2.5}).close()),
        new Use("strings", in -> in.toPython(new String[] {"\u20ac", "\ud83d\ude00"}).close()),
        new Use("bytes", in -> in.toPython(new byte[2000]).close()),
        new Use("BigInteger", in -> in.toPython(BigInteger.ONE.shiftLeft(100)).close()),
        new Use("BigDecimal", in -> in.toPython(new BigDecimal("1.5")).close()),
        new Use("date", in -> in.toPython(LocalDate.of(2025, 1, 2)).close()),
        new Use("keywords", in -> same.call(large, Keywords.of("n" + in.hashCode(), 1)).close()),
        new Use("callLong", in -> number.callLong(large, large)),
        new Use("callLong1", in -> number.callLong(large)),
        new Use("callDouble", in -> number.callDouble(1.5, 2.5)),
        new Use("callAs", in -> identity.callAs(Long.class, large)),
        new Use("method", in -> sample.callMethod("addTo", 100_000).close()),
        new Use("attributes", in -> sample.setAttr("name", "n" + large)),
        new Use("import", in -> in.importModule("sys").close()),
        new Use("exposed", in -> in.toPython(new Object()).close()),
        new Use("raising", in -> caught.call(raising).close()),
        new Use("raising Python's", in -> caught.call(thrownBack).close()),
        new Use("back", in -> made.as(Object.class)),
        new Use("biginteger", in -> huge.as(BigInteger.class)),
        new Use("array", in -> made.as(Object[].class)),
        new Use("iterate", in -> made.stream().forEach(PyObject::close)),
        new Use("text", in -> made.repr()));
  }
}
