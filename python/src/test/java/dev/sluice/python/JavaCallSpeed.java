package dev.sluice.python;

/** Prints what calls of Java from Python cost. */
final class JavaCallSpeed {
  private JavaCallSpeed() {}

  public static void main(String[] args) throws Exception {
    Thread thread =
        Python.newThread(
            "main",
            () -> {
              try (Python python = Python.open(TestedPython.options());
                  Attached py = python.main().attach()) {
                py.exec(
                    """
                    import time
                    from sluice import java
                    S = java.type("dev.sluice.python.Sample")
                    s = S("a", 1)
                    def run(name, f, *a, n=1000000):
                        best = 1e9
                        for _ in range(7):
                            t = time.perf_counter_ns()
                            for _ in range(n): f(*a)
                            best = min(best, (time.perf_counter_ns() - t) / n)
                        print(f"{name}: {best:.0f} ns")
                    def t(name, code, n=1000000):
                        ns = {"S": S, "s": s, "obj": s}
                        exec(f"def f():\\n for _ in range({n}): {code}", ns)
                        best = 1e9
                        for _ in range(7):
                            b = time.perf_counter_ns(); ns["f"](); best = min(best, (time.perf_counter_ns() - b) / n)
                        print(f"{name}: {best:.0f} ns", flush=True)
                    t("empty", "pass")
                    t("len", "len('a')")
                    t("static add kept", "S.add(1, 2)")
                    t("static add released", "S.addReleased(1, 2)")
                    t("method kept", "s.addTo(2)")
                    t("upper", "s.upper('abcdef')", 300000)
                    t("kind overloaded", "S.kind(1.5)", 300000)
                    t("field", "s.size")
                    t("new", "S()", 300000)
                    t("same", "S.same(s)", 300000)
                    t("words (Attached)", "S.words('a b')", 100000)
                    """);
              }
            });
    thread.start();
    thread.join();
  }
}
