package dev.sluice.python.exposed;

import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.NumberApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * The arguments that Python code has called the door with, which may be anything; on the thread
 * that calls. Each is looked at before it is read; what is wrong is raised.
 */
record Asked(long arguments, int count) {
  /** What is wanted: the first argument. */
  String operation() {
    if (count == 0) {
      throw PythonRaise.type("call() needs an operation");
    }
    return text(0, "the operation");
  }

  /** Sees to it that there are so many arguments behind the operation. */
  Asked with(int wanted) {
    if (count != wanted + 1) {
      throw PythonRaise.type(
          "%s takes %d argument%s, not %d"
              .formatted(operation(), wanted, wanted == 1 ? "" : "s", count - 1));
    }
    return this;
  }

  /** An argument as it is; borrowed. */
  long object(int position) {
    return Memory.getLong(arguments + 8L * position);
  }

  String text(int position, String what) {
    long object = object(position);
    if (!ObjectApi.is(object, UnicodeApi.TYPE)) {
      throw PythonRaise.type(
          "%s must be a str, not %s".formatted(what, UnicodeApi.typeName(object)));
    }
    return UnicodeApi.toString(object);
  }

  Path path(int position) {
    try {
      return Path.of(text(position, "a path"));
    } catch (InvalidPathException e) {
      throw new PythonRaise(ErrorApi.Types.VALUE_ERROR, e.getMessage());
    }
  }

  /** A number that is not negative, and an int of Java's. */
  int number(int position, String what) {
    long object = object(position);
    if (!ObjectApi.is(object, NumberApi.LONG_TYPE)) {
      throw PythonRaise.type(
          "%s must be an int, not %s".formatted(what, UnicodeApi.typeName(object)));
    }
    long number = NumberApi.asLong(object);
    if (number < 0 || number != (int) number) {
      ErrorApi.clear();
      throw new PythonRaise(ErrorApi.Types.VALUE_ERROR, what + " is out of range");
    }
    return (int) number;
  }
}
