package dev.sluice.python;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Python's {@code with} around Java code, on an attached thread. */
final class ContextManagers {
  private ContextManagers() {}

  static <T> @Nullable T with(PyObject manager, Function<PyObject, T> body) {
    try (PyObject type = manager.type();
        // Both are looked up first, as Python does.
        PyObject enter = type.attr("__enter__");
        PyObject exit = type.attr("__exit__");
        PyObject value = enter.call(manager)) {
      T result;
      try {
        result = body.apply(value);
      } catch (RuntimeException | Error thrown) {
        if (suppresses(exit, manager, thrown)) {
          return null;
        }
        throw thrown;
      }
      exit.call(manager, null, null, null).close();
      return result;
    }
  }

  /** Tells {@code __exit__}; what that raises itself carries what was thrown before. */
  private static boolean suppresses(PyObject exit, PyObject manager, Throwable thrown) {
    try (PyObject exception = exceptionFor(manager.interpreter(), thrown);
        PyObject type = exception.type();
        PyObject traceback = exception.attr("__traceback__");
        PyObject answer = exit.call(manager, type, exception, traceback)) {
      return answer.isTrue();
    } catch (RuntimeException | Error raised) {
      if (raised != thrown) {
        raised.addSuppressed(thrown);
      }
      throw raised;
    }
  }

  private static PyObject exceptionFor(Interpreter interpreter, Throwable thrown) {
    return thrown instanceof PythonException raised
        ? interpreter.own(raised.exception().hold())
        : interpreter.own(
            Calls.orThrow(
                interpreter,
                Calls.make(interpreter, Names.Imported.RUNTIME_ERROR, "Java raised " + thrown)));
  }
}
