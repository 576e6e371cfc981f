package dev.sluice.python.capi;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Where a compact str keeps its characters (unicodeobject.h): found by looking for known text in
 * real objects, once, on an attached thread.
 */
final class StrLayout {
  /** {@code PyASCIIObject.length}. */
  static final int LENGTH = 16;

  /** {@code PyASCIIObject.state}: bit fields, in an order that differs between the versions. */
  private static final int STATE = 32;

  /** Where {@code kind} may begin in the state: three bits, then {@code compact}, {@code ascii}. */
  private static final int[] SHIFTS = {2, 8, 16};

  /** The characters of ASCII text; 3.11 has one more word before them. */
  static final int ASCII_DATA;

  /** The characters of any other compact text. */
  static final int WIDE_DATA;

  private static final int KIND_SHIFT;

  private static final String ASCII = "a str of thirty-two characters..";
  private static final String[] SAMPLES = {
    ASCII, "\u00e9" + ASCII, "\u20ac" + ASCII, "\ud83d\ude00" + ASCII
  };
  private static final int[] KINDS = {1, 1, 2, 4};

  static {
    long[] samples = new long[SAMPLES.length];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = UnicodeApi.fromUtf16(SAMPLES[i]);
    }
    ASCII_DATA = find(samples[0], SAMPLES[0], 40, 48);
    WIDE_DATA = find(samples[1], SAMPLES[1], 56, 72);
    KIND_SHIFT =
        Arrays.stream(SHIFTS).filter(shift -> isLaidOut(samples, shift)).findFirst().orElse(-1);
    for (long sample : samples) {
      ObjectApi.decRef(sample);
    }
  }

  private StrLayout() {}

  private static int find(long str, String text, int... offsets) {
    byte[] wanted = text.getBytes(StandardCharsets.ISO_8859_1);
    return Arrays.stream(offsets)
        .filter(offset -> Arrays.equals(Memory.bytes(str + offset, wanted.length), wanted))
        .findFirst()
        .orElse(-1);
  }

  private static boolean isLaidOut(long[] samples, int shift) {
    for (int i = 0; i < samples.length; i++) {
      int state = Memory.getInt(samples[i] + STATE) >>> shift;
      int expected = KINDS[i] | 1 << 3 | (i == 0 ? 1 << 4 : 0);
      if ((state & 0x1f) != expected) {
        return false;
      }
    }
    return true;
  }

  static boolean isKnown() {
    return ASCII_DATA > 0 && WIDE_DATA > 0 && KIND_SHIFT >= 0;
  }

  private static int state(long str) {
    return Memory.getInt(str + STATE) >>> KIND_SHIFT;
  }

  /** What the three below tell from, of a str's head that has been copied. */
  static int state(ByteBuffer head) {
    return head.getInt(STATE) >>> KIND_SHIFT;
  }

  /** Bytes per character: 1, 2 or 4. */
  static int kind(long str) {
    return kindOf(state(str));
  }

  static int kindOf(int state) {
    return state & 7;
  }

  /** Whether the characters follow the head; instances of str's subclasses keep them elsewhere. */
  static boolean isCompact(long str) {
    return isCompact(state(str));
  }

  static boolean isCompact(int state) {
    return (state & 1 << 3) != 0;
  }

  static boolean isAscii(long str) {
    return isAscii(state(str));
  }

  static boolean isAscii(int state) {
    return (state & 1 << 4) != 0;
  }
}
