package dev.sluice.python.capi;

import static java.lang.foreign.ValueLayout.JAVA_CHAR;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Python's str (unicodeobject.h); every method needs an attached thread. */
public final class UnicodeApi {
  private static final MemorySegment DECODE_LATIN1 = Libpython.symbol("PyUnicode_DecodeLatin1");
  private static final MemorySegment FROM_KIND = Libpython.symbol("PyUnicode_FromKindAndData");
  private static final MemorySegment DECODE_UTF16 = Libpython.symbol("PyUnicode_DecodeUTF16");
  private static final MemorySegment AS_UTF8 = Libpython.symbol("PyUnicode_AsUTF8AndSize");
  private static final MemorySegment AS_LATIN1 = Libpython.symbol("PyUnicode_AsLatin1String");
  private static final MemorySegment FROM_OBJECT = Libpython.symbol("PyUnicode_FromObject");
  private static final MemorySegment INTERN = Libpython.symbol("PyUnicode_InternInPlace");
  private static final MemorySegment GET_LENGTH = Libpython.symbol("PyUnicode_GetLength");
  private static final MemorySegment DECODE_UTF8 = Libpython.symbol("PyUnicode_DecodeUTF8");
  private static final long SURROGATEPASS = Memory.stringForEver("surrogatepass");
  private static final int NATIVE_ORDER =
      ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? -1 : 1;

  /** Longer text is copied out of the heap first, so that no collection waits for it. */
  private static final int MOST_ON_HEAP = 64 * 1024;

  public static final long TYPE = Libpython.address("PyUnicode_Type");

  private UnicodeApi() {}

  /** A str from bytes that stand for the code points of the same value. */
  public static long fromLatin1(long address, long length) {
    return Shapes.quick(DECODE_LATIN1, address, length, 0);
  }

  /** A str from bytes that are valid UTF-8; null on failure. */
  public static long fromUtf8(byte[] utf8) {
    return utf8.length > MOST_ON_HEAP
        ? fromString(new String(utf8, StandardCharsets.UTF_8))
        : Shapes.quick(DECODE_UTF8, utf8, utf8.length, 0);
  }

  /** A str with the characters of the string, lone surrogates included; null on failure. */
  public static long fromString(String text) {
    if (text.length() > MOST_ON_HEAP) {
      return fromUtf16(text);
    }
    // Bytes that make the same string again are all of it: nothing was replaced by '?'.
    byte[] latin1 = text.getBytes(StandardCharsets.ISO_8859_1);
    if (new String(latin1, StandardCharsets.ISO_8859_1).equals(text)) {
      return Shapes.quick(DECODE_LATIN1, latin1, latin1.length, 0);
    }
    char[] chars = text.toCharArray();
    return hasSurrogates(chars)
        ? fromUtf16(text)
        : Shapes.quick(FROM_KIND, Character.BYTES, chars, chars.length);
  }

  private static boolean hasSurrogates(char[] chars) {
    for (char character : chars) {
      if (Character.isSurrogate(character)) {
        return true;
      }
    }
    return false;
  }

  /** The same for any text, at the speed of the decoder. */
  static long fromUtf16(String text) {
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
   * The address of the UTF-8 form, which lives as long as the str and ends with a null byte, with
   * its length in bytes written to {@code sizeSlot}, if that is not null; null, with an exception
   * set, for lone surrogates.
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
    return ObjectApi.typeName(object);
  }

  /** The characters of a str, lone surrogates included. */
  public static String toString(long str) {
    if (StrLayout.isCompact(str)) {
      return compactText(str);
    }
    long copy = Shapes.call(FROM_OBJECT, str);
    if (copy == 0) {
      ErrorApi.clear();
      throw new IllegalStateException("a str could not be copied");
    }
    try {
      return compactText(copy);
    } finally {
      ObjectApi.decRef(copy);
    }
  }

  /** Read from the object itself ({@link StrLayout} has found where). */
  private static String compactText(long str) {
    int length = Math.toIntExact(Memory.getLong(str + StrLayout.LENGTH));
    if (StrLayout.isAscii(str)) {
      byte[] ascii = Memory.bytes(str + StrLayout.ASCII_DATA, length);
      return new String(ascii, StandardCharsets.ISO_8859_1);
    }
    long data = str + StrLayout.WIDE_DATA;
    return switch (StrLayout.kind(str)) {
      case 1 -> new String(Memory.bytes(data, length), StandardCharsets.ISO_8859_1);
      case 2 -> new String(Memory.chars(data, length));
      default -> new String(Memory.ints(data, length), 0, length);
    };
  }
}
