package dev.sluice.python.capi;

import java.util.Optional;

/**
 * What is read from objects without a call of CPython: the offsets, and their proof at start-up.
 *
 * <p>These are the layouts of 64-bit builds with a GIL, unchanged from 3.11 to 3.14. {@link
 * #verify} makes real objects and looks for what it put in; a build where anything differs (a
 * free-threaded one does) is refused before any of it is relied on.
 */
public final class Abi {
  /** {@code PyVarObject.ob_size}. */
  static final int SIZE = 16;

  /** {@code PyBytesObject.ob_sval}. */
  static final int BYTES_DATA = 32;

  /** {@code PyFloatObject.ob_fval}. */
  static final int FLOAT_VALUE = 16;

  /** {@code PyTypeObject.tp_name}. */
  static final int TYPE_NAME = 24;

  /** {@code PyListObject.ob_item}. */
  static final int LIST_ITEMS = 24;

  /** {@code PyTupleObject.ob_item}; moved in 3.14, where a cached hash stands before it. */
  static final int TUPLE_ITEMS = findTupleItems();

  private Abi() {}

  private static int findTupleItems() {
    long marker = BytesApi.create(0, 1);
    long tuple = ContainerApi.newTuple(1);
    ContainerApi.setTupleItem(tuple, 0, marker);
    int found = -1;
    for (int offset = SIZE + 8; offset <= SIZE + 16; offset += 8) {
      if (Memory.getLong(tuple + offset) == marker) {
        found = offset;
      }
    }
    ObjectApi.decRef(tuple);
    return found;
  }

  /** What does not hold in this process, if anything; on an attached thread. */
  public static Optional<String> verify() {
    byte[] text = {'s', 'l', 'u', 'i', 'c', 'e'};
    long bytes = BytesApi.fromArray(text);
    long list = ContainerApi.newList();
    ContainerApi.append(list, bytes);
    try {
      if (ObjectApi.refCount(bytes) != 2) {
        return Optional.of("reference counts are not where they are expected");
      }
      if (ObjectApi.type(bytes) != BytesApi.TYPE
          || ObjectApi.type(list) != ContainerApi.LIST_TYPE) {
        return Optional.of("types are not where they are expected");
      }
      if (BytesApi.size(bytes) != text.length
          || !java.util.Arrays.equals(text, BytesApi.toArray(bytes))) {
        return Optional.of("the layout of bytes is not as expected");
      }
      if (ContainerApi.size(list) != 1 || ContainerApi.listItem(list, 0) != bytes) {
        return Optional.of("the layout of list is not as expected");
      }
      if (TUPLE_ITEMS < 0) {
        return Optional.of("the layout of tuple is not as expected");
      }
      if (!ObjectApi.typeName(bytes).equals("bytes")) {
        return Optional.of("the names of types are not where they are expected");
      }
      return verifyValues();
    } finally {
      ObjectApi.decRef(list);
      ObjectApi.decRef(bytes);
    }
  }

  private static Optional<String> verifyValues() {
    if (!StrLayout.isKnown()) {
      return Optional.of("the layout of str is not as expected");
    }
    if (!IntLayout.isAsExpected()) {
      return Optional.of("the layout of int is not as expected");
    }
    long number = NumberApi.fromDouble(Math.PI);
    boolean found = NumberApi.doubleValue(number) == Math.PI;
    ObjectApi.decRef(number);
    return found ? Optional.empty() : Optional.of("the layout of float is not as expected");
  }
}
