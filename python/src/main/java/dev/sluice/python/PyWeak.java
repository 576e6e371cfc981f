package dev.sluice.python;

import java.util.Optional;

/**
 * A weak reference to a Python object: it lets Python free the object, and tells whether it has.
 * Kept and dropped by any thread; {@link #get} needs an attached one.
 *
 * <p>A Java object that Python keeps, and that keeps a PyObject which leads back to it, is a circle
 * that neither collector can see. Let the Java object hold the weak reference.
 */
public final class PyWeak implements AutoCloseable {
  private final PyObject reference;

  PyWeak(PyObject reference) {
    this.reference = reference;
  }

  /** The object, if it is still there. */
  public Optional<PyObject> get() {
    PyObject object = reference.call();
    if (object.isNone()) {
      object.close();
      return Optional.empty();
    }
    return Optional.of(object);
  }

  @Override
  public void close() {
    reference.close();
  }
}
