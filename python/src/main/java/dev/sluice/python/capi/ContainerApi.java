package dev.sluice.python.capi;

import java.lang.foreign.MemorySegment;

/** Tuples, lists and dictionaries; every method needs an attached thread. */
public final class ContainerApi {
  private static final MemorySegment TUPLE_NEW = Libpython.symbol("PyTuple_New");
  private static final MemorySegment TUPLE_SET = Libpython.symbol("PyTuple_SetItem");
  private static final MemorySegment LIST_NEW = Libpython.symbol("PyList_New");
  private static final MemorySegment LIST_AS_TUPLE = Libpython.symbol("PyList_AsTuple");
  private static final MemorySegment LIST_APPEND = Libpython.symbol("PyList_Append");
  private static final MemorySegment SET_NEW = Libpython.symbol("PySet_New");
  private static final MemorySegment SET_ADD = Libpython.symbol("PySet_Add");
  private static final MemorySegment MAPPING_ITEMS = Libpython.symbol("PyMapping_Items");
  private static final MemorySegment MAPPING_CHECK = Libpython.symbol("PyMapping_Check");
  private static final MemorySegment DICT_NEW = Libpython.symbol("PyDict_New");
  private static final MemorySegment DICT_COPY = Libpython.symbol("PyDict_Copy");
  private static final MemorySegment DICT_SET = Libpython.symbol("PyDict_SetItem");
  private static final MemorySegment DICT_GET = Libpython.symbol("PyDict_GetItemWithError");
  private static final MemorySegment DICT_DEL = Libpython.symbol("PyDict_DelItem");

  public static final long TUPLE_TYPE = Libpython.address("PyTuple_Type");
  public static final long LIST_TYPE = Libpython.address("PyList_Type");
  public static final long SET_TYPE = Libpython.address("PySet_Type");
  public static final long FROZENSET_TYPE = Libpython.address("PyFrozenSet_Type");
  public static final long DICT_TYPE = Libpython.address("PyDict_Type");

  private ContainerApi() {}

  public static long newTuple(long size) {
    return Shapes.call(TUPLE_NEW, size);
  }

  /** Stores an item of a new tuple; takes over the item's reference. */
  public static void setTupleItem(long tuple, long index, long item) {
    Shapes.call(TUPLE_SET, tuple, index, item);
  }

  /** The number of items of a tuple or list, read from the object itself. */
  public static long size(long sequence) {
    return Memory.getLong(sequence + Abi.SIZE);
  }

  /** An item of a tuple, read from the object itself; borrowed, the index is not checked. */
  public static long tupleItem(long tuple, long index) {
    return Memory.getLong(tuple + Abi.TUPLE_ITEMS + index * 8);
  }

  /** An item of a list, read from the object itself; borrowed, the index is not checked. */
  public static long listItem(long list, long index) {
    return Memory.getLong(Memory.getLong(list + Abi.LIST_ITEMS) + index * 8);
  }

  public static long newList() {
    return Shapes.call(LIST_NEW, 0);
  }

  /** A list of empty slots, each of which has to be filled before anything else sees the list. */
  public static long newList(long size) {
    return Shapes.call(LIST_NEW, size);
  }

  /** Fills a slot of such a list; takes over the item's reference. */
  public static void setListItem(long list, long index, long item) {
    Memory.putLong(Memory.getLong(list + Abi.LIST_ITEMS) + index * 8, item);
  }

  public static long newSet() {
    return Shapes.call(SET_NEW, 0);
  }

  public static int addToSet(long set, long item) {
    return (int) Shapes.call(SET_ADD, set, item);
  }

  /** Whether the object has items by key; true of sequences too. */
  public static boolean isMapping(long object) {
    return (int) Shapes.quick(MAPPING_CHECK, object) != 0;
  }

  /** A new list of (key, value) tuples of whatever has {@code items()}. */
  public static long items(long mapping) {
    return Shapes.call(MAPPING_ITEMS, mapping);
  }

  /** A new tuple of the list's items, which nobody can change any more. */
  public static long asTuple(long list) {
    return Shapes.call(LIST_AS_TUPLE, list);
  }

  public static int append(long list, long item) {
    return (int) Shapes.call(LIST_APPEND, list, item);
  }

  public static long newDict() {
    return Shapes.call(DICT_NEW);
  }

  public static long copyDict(long dict) {
    return Shapes.call(DICT_COPY, dict);
  }

  public static int setDictItem(long dict, long key, long value) {
    return (int) Shapes.call(DICT_SET, dict, key, value);
  }

  /**
   * Stores under a str key into a dictionary that only this thread has seen, and that holds nothing
   * or another str under it, so that neither comparison nor a finaliser can run Python code.
   */
  public static int addDictItemQuick(long dict, long key, long value) {
    return (int) Shapes.quick(DICT_SET, dict, key, value);
  }

  /** The value, borrowed, or null if there is none or on failure. */
  public static long getDictItem(long dict, long key) {
    return Shapes.call(DICT_GET, dict, key);
  }

  public static int removeDictItem(long dict, long key) {
    return (int) Shapes.call(DICT_DEL, dict, key);
  }
}
