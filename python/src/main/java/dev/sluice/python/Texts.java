package dev.sluice.python;

import dev.sluice.python.capi.BytesApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;
import java.nio.file.Path;
import java.util.UUID;

/**
 * Text and what is written as text, on an attached thread.
 *
 * <p>A lone surrogate passes unchanged both ways. Two that Python holds as separate characters, a
 * high one before a low one, are one character in Java, and come back as one.
 */
final class Texts {
  private Texts() {}

  static String toString(Interpreter interpreter, long object) {
    if (!ObjectApi.is(object, UnicodeApi.TYPE)) {
      throw Conversions.noValue(object, String.class);
    }
    return UnicodeApi.toString(object);
  }

  static char toCharacter(Interpreter interpreter, long object) {
    if (ObjectApi.is(object, UnicodeApi.TYPE)) {
      String text = UnicodeApi.toString(object);
      if (text.length() == 1) {
        return text.charAt(0);
      }
    }
    throw Conversions.noValue(object, char.class);
  }

  static byte[] toBytes(Interpreter interpreter, long object) {
    if (ObjectApi.is(object, BytesApi.TYPE)) {
      return BytesApi.toArray(object);
    }
    if (Buffers.copy(object, byte.class) instanceof byte[] copy) {
      return copy;
    }
    throw Conversions.noValue(object, byte[].class);
  }

  static long toPython(Interpreter interpreter, Path path) {
    return Calls.make(interpreter, Names.Imported.PATH, path.toString());
  }

  /** From a str or a path of pathlib. */
  static Path toPath(Interpreter interpreter, long object) {
    if (ObjectApi.is(object, UnicodeApi.TYPE)) {
      return Path.of(UnicodeApi.toString(object));
    }
    if (!interpreter.names().is(object, Names.Imported.PURE_PATH)) {
      throw Conversions.noValue(object, Path.class);
    }
    return Path.of(str(interpreter, object));
  }

  static long toPython(Interpreter interpreter, UUID uuid) {
    return Calls.make(interpreter, Names.Imported.UUID, uuid.toString());
  }

  static UUID toUuid(Interpreter interpreter, long object) {
    if (!interpreter.names().is(object, Names.Imported.UUID)) {
      throw Conversions.noValue(object, UUID.class);
    }
    return UUID.fromString(str(interpreter, object));
  }

  /** {@code str()} of the object. */
  static String str(Interpreter interpreter, long object) {
    long str = Calls.orThrow(interpreter, ObjectApi.str(object));
    String text = UnicodeApi.toString(str);
    ObjectApi.decRef(str);
    return text;
  }
}
