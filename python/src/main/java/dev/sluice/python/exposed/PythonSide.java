package dev.sluice.python.exposed;

import dev.sluice.python.capi.ContainerApi;
import dev.sluice.python.capi.ImportApi;
import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.NumberApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;
import org.jspecify.annotations.Nullable;

/** The functions and types of {@code sluice/_java.py} in one interpreter. */
final class PythonSide {
  private final Crossing crossing;
  private final long module;
  private final long throwableBase;
  private final long javaType;
  private final int throwableSlot;

  PythonSide(Crossing crossing) {
    this.crossing = crossing;
    long name = checked(UnicodeApi.fromString("sluice._java"));
    this.module = checked(ImportApi.importModule(name));
    ObjectApi.decRef(name);
    this.throwableBase = attribute("ThrowableBase");
    this.javaType = attribute("JavaType");
    long slot = attribute("SLOT");
    this.throwableSlot = (int) NumberApi.asLong(slot);
    prove();
  }

  /** Looks whether the slot of exceptions is where it is thought to be. */
  private void prove() {
    long sample = checked(ObjectApi.callNoArgs(throwableBase));
    long name = checked(UnicodeApi.fromString("_handle"));
    ObjectApi.setAttr(sample, name, javaType);
    boolean found = Memory.getLong(sample + throwableSlot) == javaType;
    ObjectApi.decRef(name);
    ObjectApi.decRef(sample);
    if (!found) {
      throw new IllegalStateException("the layout of exceptions is not as expected");
    }
  }

  private long attribute(String name) {
    long key = checked(UnicodeApi.fromString(name));
    try {
      return checked(ObjectApi.getAttr(module, key));
    } finally {
      ObjectApi.decRef(key);
    }
  }

  private long checked(long result) {
    if (result == 0) {
      throw crossing.raised();
    }
    return result;
  }

  /** Gives all of them back. */
  void release() {
    ObjectApi.decRef(throwableBase);
    ObjectApi.decRef(javaType);
    ObjectApi.decRef(module);
  }

  long throwableBase() {
    return throwableBase;
  }

  int throwableSlot() {
    return throwableSlot;
  }

  /** The metaclass. */
  long javaType() {
    return javaType;
  }

  /** Calls a function of the module; a new reference. Throws what it raised. */
  long call(String function, @Nullable Object... arguments) {
    long tuple = checked(ContainerApi.newTuple(arguments.length));
    long callable = 0;
    try {
      for (int i = 0; i < arguments.length; i++) {
        ContainerApi.setTupleItem(tuple, i, checked(argument(arguments[i])));
      }
      callable = attribute(function);
      return checked(ObjectApi.call(callable, tuple, 0));
    } finally {
      ObjectApi.decRef(callable);
      ObjectApi.decRef(tuple);
    }
  }

  /** Whether a call of the object with so many arguments can succeed, as far as it says so. */
  boolean takes(long object, int count) {
    long result = call("takes", Address.of(object), count);
    ObjectApi.decRef(result);
    return result == ObjectApi.TRUE;
  }

  private long argument(@Nullable Object value) {
    if (value instanceof Address(long address, boolean isOwned)) {
      if (!isOwned) {
        ObjectApi.incRef(address);
      }
      return address;
    }
    if (value instanceof Address[] addresses) {
      long tuple = ContainerApi.newTuple(addresses.length);
      for (int i = 0; tuple != 0 && i < addresses.length; i++) {
        ContainerApi.setTupleItem(tuple, i, argument(addresses[i]));
      }
      return tuple;
    }
    return crossing.convert(value);
  }

  /** A Python object as an argument, whose reference is given away if it is owned. */
  record Address(long address, boolean isOwned) {
    /** Borrowed; 0 stands for None. */
    static Address of(long address) {
      return new Address(address == 0 ? ObjectApi.NONE : address, false);
    }
  }

  /** A new reference, or null with an exception set, which the call then throws. */
  static Address owned(long address) {
    return new Address(address, true);
  }
}
