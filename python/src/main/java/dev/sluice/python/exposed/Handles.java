package dev.sluice.python.exposed;

import java.util.Arrays;
import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The Java objects that Python holds, by number; guarded by the GIL.
 *
 * <p>An object is in here exactly as long as its Python object lives. That one is remembered too,
 * borrowed, so that the same Java object is always the same Python object.
 */
final class Handles {
  private static final int FIRST_SIZE = 256;

  private final IdentityHashMap<Object, Entry> byObject = new IdentityHashMap<>();
  private @Nullable Entry[] entries = new Entry[FIRST_SIZE];
  private int[] free = new int[FIRST_SIZE];
  private int freeCount;
  private int next = 1; // 0 is the number of an object that was never given one

  /** One Java object and the Python object that stands for it. */
  static final class Entry {
    final Object object;
    final int number;
    long python;

    private Entry(Object object, int number) {
      this.object = object;
      this.number = number;
    }
  }

  /** Keeps an object under a new number; a Python object that stood for it before is forgotten. */
  Entry add(Object object) {
    int number = freeCount > 0 ? free[--freeCount] : next++;
    if (number == entries.length) {
      entries = Arrays.copyOf(entries, 2 * number);
      free = Arrays.copyOf(free, 2 * number);
    }
    Entry entry = new Entry(object, number);
    entries[number] = entry;
    byObject.put(object, entry);
    return entry;
  }

  /** The entry of an object that Python holds. */
  @Nullable Entry find(Object object) {
    return byObject.get(object);
  }

  /** The object of the number; null for 0. */
  @Nullable Object get(long number) {
    Entry entry = entries[(int) number];
    return entry == null ? null : entry.object;
  }

  /** Forgets a number; gives the object that it stood for. */
  @Nullable Object remove(long number) {
    Entry entry = entries[(int) number];
    if (entry == null) {
      return null;
    }
    entries[entry.number] = null;
    free[freeCount++] = entry.number;
    byObject.remove(entry.object, entry);
    return entry.object;
  }

  int size() {
    return next - 1 - freeCount;
  }
}
