package dev.sluice.python;

import dev.sluice.python.exposed.Contents;
import dev.sluice.python.exposed.JavaObjects;
import org.jspecify.annotations.Nullable;

/**
 * Fills a Python module with Java's types, functions and values; on the thread and in the scope
 * that it was made in ({@link Attached#module}).
 */
public final class ModuleBuilder {
  private final Attached py;
  private final PyObject module;
  private final JavaObjects objects;
  private final Contents contents;

  ModuleBuilder(Attached py, PyObject module, JavaObjects objects, Contents contents) {
    this.py = py;
    this.module = module;
    this.objects = objects;
    this.contents = contents;
  }

  /**
   * Adds a public class under its simple name, with its public members.
   *
   * @throws SluiceException if the class is not public
   */
  public ModuleBuilder type(Class<?> type) {
    return type(type.getSimpleName(), type);
  }

  /** Adds a public class under another name. */
  public ModuleBuilder type(String name, Class<?> type) {
    requirePublic(type);
    set(name, objects.type(type));
    contents.addType(name, type);
    return this;
  }

  /** Adds a function that takes any arguments. */
  public ModuleBuilder function(String name, PythonFunction function) {
    return function(name, PythonFunction.class, function);
  }

  /**
   * Adds a function with the parameters of a functional interface: {@code function("add",
   * IntBinaryOperator.class, Integer::sum)}.
   */
  public <F> ModuleBuilder function(String name, Class<F> type, F function) {
    requirePublic(type);
    set(name, objects.function(name, type, function));
    contents.addFunction(name, type);
    return this;
  }

  /** Adds all public static methods of a public class as functions. */
  public ModuleBuilder functions(Class<?> type) {
    requirePublic(type);
    objects
        .staticNames(type)
        .forEach(name -> {
          set(name, objects.staticFunction(type, name));
          contents.addStatic(name, type);
        });
    return this;
  }

  /** Adds a value: Python's own for null, truth, numbers, text and byte[]; else the Java object. */
  public ModuleBuilder value(String name, @Nullable Object value) {
    set(name, objects.result(value));
    contents.addValue(name, value == null ? Object.class : value.getClass());
    return this;
  }

  private void set(String name, long reference) {
    try (PyObject value = py.own(reference)) {
      module.setAttr(name, value);
    }
  }

  private static void requirePublic(Class<?> type) {
    if (!JavaObjects.isVisible(type)) {
      throw new SluiceException(
          PythonError.CLASS_NOT_PUBLIC,
          "the Java class %s cannot be used from Python, because it is not public, or its package is"
                  .formatted(type.getName())
              + " not exported. Make it public.");
    }
  }

  /** The module itself. */
  public PyObject module() {
    return module;
  }
}
