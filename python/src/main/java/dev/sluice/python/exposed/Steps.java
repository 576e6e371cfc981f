package dev.sluice.python.exposed;

import dev.sluice.python.PyObject;
import java.lang.reflect.Type;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * A Python iterator that Java reads one item ahead, on whatever thread: each step attaches, and a
 * virtual thread hands it to a worker.
 */
final class Steps implements Iterator<@Nullable Object> {
  private final Crossing crossing;
  private final Elements elements;
  private final int position;
  private final Type type;
  private final PyObject iterator;
  private @Nullable Item next;
  private boolean ended;

  /** An item that may be null. */
  private record Item(@Nullable Object value) {}

  Steps(Crossing crossing, Elements elements, int position, Type type, PyObject iterator) {
    this.crossing = crossing;
    this.elements = elements;
    this.position = position;
    this.type = type;
    this.iterator = iterator;
  }

  @Override
  public boolean hasNext() {
    if (next == null && !ended) {
      next = crossing.<@Nullable Item>attached(this::read);
    }
    return next != null;
  }

  private @Nullable Item read() {
    try {
      @Nullable Item[] read = new @Nullable Item[1];
      long address = iterator.address();
      ended = !elements.next(address, position, type, 0, value -> read[0] = new Item(value));
      return read[0];
    } catch (PythonRaise e) {
      throw new WrongResult("in an item of a Python iterator, " + e.getMessage());
    } finally {
      if (ended) {
        iterator.close();
      }
    }
  }

  @Override
  public @Nullable Object next() {
    if (!hasNext() || next == null) {
      throw new NoSuchElementException();
    }
    Item item = next;
    next = null;
    return item.value();
  }
}
