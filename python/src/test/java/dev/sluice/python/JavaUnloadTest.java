package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Python keeps no class of Java's that it has only seen. */
@Timeout(60)
class JavaUnloadTest {
  private final Interpreter main = EmbeddedPython.main();

  /** Is defined again and again, as the classes of lambdas are. */
  public static class Hidden implements Runnable, Supplier<String> {
    public Hidden() {}

    @Override
    public void run() {}

    @Override
    public String get() {
      return "got";
    }
  }

  /** Loads one class of the tests anew. */
  private static final class Loader extends ClassLoader {
    Loader() {
      super(JavaUnloadTest.class.getClassLoader());
    }

    Class<?> define(Class<?> type) throws IOException {
      byte[] code = code(type);
      return defineClass(type.getName(), code, 0, code.length);
    }
  }

  private static byte[] code(Class<?> type) throws IOException {
    String file = type.getName().substring(type.getPackageName().length() + 1) + ".class";
    try (InputStream code = type.getResourceAsStream(file)) {
      return Objects.requireNonNull(code).readAllBytes();
    }
  }

  private static long alive(List<WeakReference<Class<?>>> classes) throws InterruptedException {
    for (int i = 0; i < 50 && classes.stream().anyMatch(each -> !each.refersTo(null)); i++) {
      System.gc();
      Thread.sleep(20);
    }
    return classes.stream().filter(each -> !each.refersTo(null)).count();
  }

  @Test
  void hiddenClassesGo() throws Exception {
    byte[] code = code(Hidden.class);
    List<WeakReference<Class<?>>> classes = new ArrayList<>();
    List<Long> types = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      Object object =
          MethodHandles.lookup()
              .defineHiddenClass(code, true)
              .lookupClass()
              .getDeclaredConstructor()
              .newInstance();
      classes.add(new WeakReference<>(object.getClass()));
      try (Attached py = main.attach();
          PyObject seen = py.toPython(object);
          PyObject type = seen.type()) {
        py.eval("lambda x: (repr(x), x.run(), x.get())").call(seen).close();
        types.add(type.address());
      }
    }
    assertThat(alive(classes)).isZero();
    assertThat(types.stream().distinct()).hasSize(1);
  }

  @Test
  void classesOfADroppedLoaderGo() throws Exception {
    List<WeakReference<Class<?>>> classes = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      Class<?> type = new Loader().define(Greeter.class);
      Object object = type.getDeclaredConstructor().newInstance();
      classes.add(new WeakReference<>(type));
      try (Attached py = main.attach();
          PyObject seen = py.toPython(object)) {
        assertThat(seen.as(Object.class)).isSameAs(object);
        assertThat(seen.type().attr("__name__").as(String.class)).isEqualTo("Greeter");
      }
    }
    assertThat(alive(classes)).isZero();
  }

  @Test
  void whatPythonHasNamedOrUsedStays() throws Exception {
    PyObject named = named();
    PyObject used = used();
    // One that is only seen meanwhile has gone: the collector has looked.
    List<WeakReference<Class<?>>> classes = new ArrayList<>();
    seen(classes).close();
    assertThat(alive(classes)).isZero();
    try (Attached py = main.attach()) {
      for (PyObject type : List.of(named, used)) {
        assertThat(type.call().callMethod("hello").as(String.class)).isEqualTo("hello");
      }
    }
  }

  private PyObject named() throws IOException {
    try (Attached py = main.attach()) {
      return py.module("unload").type(new Loader().define(Greeter.class)).module().attr("Greeter");
    }
  }

  private PyObject used() throws Exception {
    Object object = new Loader().define(Greeter.class).getDeclaredConstructor().newInstance();
    try (Attached py = main.attach();
        PyObject seen = py.toPython(object)) {
      assertThat(seen.callMethod("hello").as(String.class)).isEqualTo("hello");
      return seen.type();
    }
  }

  @Test
  void aTypeWhoseClassHasGoneSaysSo() throws Exception {
    List<WeakReference<Class<?>>> classes = new ArrayList<>();
    PyObject type = seen(classes);
    assertThat(alive(classes)).isZero();
    try (Attached py = main.attach();
        PyObject make = py.eval("lambda t: t()")) {
      assertThat(message(make, type)).contains("TypeError", "Greeter was unloaded");
    }
  }

  private PyObject seen(List<WeakReference<Class<?>>> classes) throws Exception {
    Object object = new Loader().define(Greeter.class).getDeclaredConstructor().newInstance();
    classes.add(new WeakReference<>(object.getClass()));
    try (Attached py = main.attach();
        PyObject seen = py.toPython(object)) {
      return seen.type();
    }
  }

  private static String message(PyObject function, PyObject argument) {
    try {
      return function.call(argument).toString();
    } catch (PythonException e) {
      return String.valueOf(e.getMessage());
    }
  }
}
