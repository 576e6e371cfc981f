package dev.sluice.python;

import org.jspecify.annotations.Nullable;

/**
 * A function of Java for Python that takes any arguments; on the thread that calls it, attached.
 */
@FunctionalInterface
public interface PythonFunction {
  /**
   * Runs the function; what it throws is raised in Python.
   *
   * @return what becomes the result in Python
   */
  @Nullable Object call(Attached py, @Nullable Object... arguments) throws Exception;
}
