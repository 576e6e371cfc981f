package dev.sluice.python;

import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.ObjectApi;
import java.lang.reflect.Type;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** A Python iterator read by Java, one item ahead; each use needs an attached thread. */
final class Items implements Iterator<PyObject> {
  private final Interpreter interpreter;
  private final PyObject iterator;
  private @Nullable PyObject next;
  private boolean ended;

  private Items(PyObject iterator) {
    this.interpreter = iterator.interpreter();
    this.iterator = iterator;
  }

  static Items of(PyObject iterable) {
    return new Items(iterable.iter());
  }

  @Override
  public boolean hasNext() {
    if (next == null && !ended) {
      long object = iterator.hold();
      try {
        long item = ObjectApi.next(object);
        if (item != 0) {
          next = interpreter.own(item);
        } else {
          ended = true;
          if (ErrorApi.occurred()) {
            throw PythonException.take(interpreter);
          }
        }
      } finally {
        Calls.done(interpreter, object);
      }
      if (ended) {
        iterator.close();
      }
    }
    return next != null;
  }

  @Override
  public PyObject next() {
    if (!hasNext() || next == null) {
      throw new NoSuchElementException();
    }
    PyObject item = next;
    next = null;
    return item;
  }

  /** The items' values of a type. */
  Iterator<@Nullable Object> as(Type type) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return Items.this.hasNext();
      }

      @Override
      public @Nullable Object next() {
        try (PyObject item = Items.this.next()) {
          return Conversions.toJava(interpreter, item.address(), type, 0);
        }
      }
    };
  }

  Stream<@Nullable Object> stream(Type type) {
    return stream(as(type));
  }

  static <T extends @Nullable Object> Stream<T> stream(Iterator<T> items) {
    return StreamSupport.stream(
        Spliterators.spliteratorUnknownSize(items, Spliterator.ORDERED), false);
  }
}
