package dev.sluice.python.capi;

import static java.lang.foreign.ValueLayout.JAVA_CHAR;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Python's str (unicodeobject.h); every method needs an attached thread. */
public final class UnicodeApi {
  private static final MemorySegment DECODE_LATIN1 = Libpython.symbol("PyUnicode_DecodeLatin1");
  private static final MemorySegment DECODE_UTF16 = Libpython.symbol("PyUnicode_DecodeUTF16");
  private static final MemorySegment AS_UTF8 = Libpython.symbol("PyUnicode_AsUTF8AndSize");
  private static final MemorySegment AS_LATIN1 = Libpython.symbol("PyUnicode_AsLatin1String");
  private static final MemorySegment AS_ENCODED = Libpython.symbol("PyUnicode_AsEncodedString");
  private static final MemorySegment INTERN = Libpython.symbol("PyUnicode_InternInPlace");
  private static final MemorySegment GET_LENGTH = Libpython.symbol("PyUnicode_GetLength");
  private static final long UTF16 = Memory.stringForEver("utf-16-le");
  private static final long SURROGATEPASS = Memory.stringForEver("surrogatepass");
  private static final int NATIVE_ORDER =
      ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? -1 : 1;

  public static final long TYPE = Libpython.address("PyUnicode_Type");

  private UnicodeApi() {}

  /** A str from bytes that stand for the code points of the same value. */
  public static long fromLatin1(long address, long length) {
    return Shapes.quick(DECODE_LATIN1, address, length, 0);
  }

  /** A str with the characters of the string, lone surrogates included; null on failure. */
  public static long fromString(String text) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment chars = arena.allocateFrom(JAVA_CHAR, text.toCharArray());
      MemorySegment order = arena.allocate(4, 4);
      Memory.putInt(order.address(), NATIVE_ORDER);
      return Shapes.call(
          DECODE_UTF16, chars.address(), chars.byteSize(), SURROGATEPASS, order.address());
    }
  }

  /** An interned str that lives until the interpreter ends; null on failure. */
  public static long intern(String text) {
    long str = fromString(text);
    if (str == 0) {
      return 0;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment slot = arena.allocate(8, 8);
      Memory.putLong(slot.address(), str);
      Shapes.call(INTERN, slot.address());
      return Memory.getLong(slot.address());
    }
  }

  /** The number of code points. */
  public static long length(long str) {
    return Shapes.quick(GET_LENGTH, str);
  }

  /**
   * The address of the UTF-8 form, which lives as long as the str, with its length in bytes written
   * to {@code sizeSlot}; null, with an exception set, for lone surrogates.
   */
  public static long utf8(long str, long sizeSlot) {
    // Not quick: the exception for a surrogate is an object, whose making may run the collector.
    return Shapes.call(AS_UTF8, str, sizeSlot);
  }

  /** A new bytes object; null, with UnicodeEncodeError set, if a character is above U+00FF. */
  public static long asLatin1(long str) {
    return Shapes.call(AS_LATIN1, str);
  }

  /** The name of the object's type, for messages. */
  public static String typeName(long object) {
    long name = ObjectApi.getAttr(ObjectApi.type(object), Names.NAME);
    if (name == 0) {
      ErrorApi.clear();
      return "?";
    }
    String text = toString(name);
    ObjectApi.decRef(name);
    return text;
  }

  /** Interned attribute names, made on first use. */
  private static final class Names {
    static final long NAME = intern("__name__");
  }

  /** The characters of a str, lone surrogates included. */
  public static String toString(long str) {
    try (Arena arena = Arena.ofConfined()) {
      long slot = arena.allocate(8, 8).address();
      long utf8 = utf8(str, slot);
      if (utf8 != 0) {
        return new String(
            Memory.bytes(utf8, Math.toIntExact(Memory.getLong(slot))), StandardCharsets.UTF_8);
      }
    }
    ErrorApi.clear();
    long bytes = Shapes.call(AS_ENCODED, str, UTF16, SURROGATEPASS);
    if (bytes == 0) {
      ErrorApi.clear();
      throw new IllegalStateException("a str could not be encoded as UTF-16");
    }
    try {
      byte[] raw = BytesApi.toArray(bytes);
      char[] chars = new char[raw.length / 2];
      for (int i = 0; i < chars.length; i++) {
        chars[i] = (char) ((raw[2 * i] & 0xff) | (raw[2 * i + 1] & 0xff) << 8);
      }
      return new String(chars);
    } finally {
      ObjectApi.decRef(bytes);
    }
  }
}
