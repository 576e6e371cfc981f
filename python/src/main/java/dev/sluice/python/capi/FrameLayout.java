package dev.sluice.python.capi;

import java.util.Optional;

/**
 * Where CPython keeps what a thread runs: offsets in bytes, of 64-bit builds with a GIL. 3.13 and
 * later tell them themselves ({@code _Py_DebugOffsets}); those of 3.11 and 3.12 are of their
 * headers. {@link FrameReader} proves them before they are relied on.
 *
 * @param frame of the thread state: the innermost frame, or what points to it
 * @param inner of that: the innermost frame; less than 0 if there is nothing in between
 * @param nativeId of the thread state: the system's number of the thread
 * @param previous of a frame: the one that called it
 * @param code of a frame: its code object, perhaps with a tag in its lowest bits
 * @param instruction of a frame: a pointer to the instruction that it is at
 * @param file of a code object: its file's name; so the next three
 * @param qualifiedName its name
 * @param lineTable which line each instruction is of
 * @param firstLine the first line
 * @param instructions the first instruction
 */
record FrameLayout(
    int frame,
    int inner,
    int nativeId,
    int previous,
    int code,
    int instruction,
    int file,
    int qualifiedName,
    int lineTable,
    int firstLine,
    int instructions) {
  private static final FrameLayout V3_11 =
      new FrameLayout(56, 8, 160, 48, 32, 56, 112, 128, 136, 72, 184);
  private static final FrameLayout V3_12 =
      new FrameLayout(56, 0, 144, 8, 0, 56, 112, 128, 136, 68, 192);

  private static final long COOKIE = 0x7970677562656478L; // "xdebugpy"

  /** Numbers of _Py_DebugOffsets, after the cookie, the version and what tells of free threads. */
  private static final int HEAD = 3;

  private static final int RUNTIME = 3;

  /** How many numbers tell of an interpreter; 3.14 has added some. */
  private static int interpreterNumbers(int minor) {
    return minor == 13 ? 13 : 16;
  }

  /** The layout of the CPython that runs; empty if it tells none. On any thread. */
  static Optional<FrameLayout> ofThisPython() {
    int minor = LifecycleApi.minorVersion();
    return switch (minor) {
      case 11 -> Optional.of(V3_11);
      case 12 -> Optional.of(V3_12);
      default -> Libpython.optional("_PyRuntime").flatMap(it -> told(it.address(), minor));
    };
  }

  private static Optional<FrameLayout> told(long runtime, int minor) {
    if (Memory.getLong(runtime) != COOKIE) {
      return Optional.empty();
    }
    int thread = HEAD + RUNTIME + interpreterNumbers(minor);
    int frame = thread + 9;
    int code = frame + (minor == 13 ? 6 : 8);
    return Optional.of(
        new FrameLayout(
            number(runtime, thread + 4),
            -1,
            number(runtime, thread + 6),
            number(runtime, frame + 1),
            number(runtime, frame + 2),
            number(runtime, frame + 3),
            number(runtime, code + 1),
            number(runtime, code + 3),
            number(runtime, code + 4),
            number(runtime, code + 5),
            number(runtime, code + 9)));
  }

  private static int number(long runtime, int index) {
    return (int) Memory.getLong(runtime + 8L * index);
  }
}
