package dev.sluice.python.capi;

import java.nio.ByteBuffer;

/**
 * The table of a code object that tells which line each instruction is of (CPython's
 * InternalDocs/code_objects.md, 3.11 and later); any thread.
 *
 * <p>Each entry begins with a byte whose highest bit is set: four bits tell the entry's kind, three
 * how many instructions it is for, less one.
 */
final class LineTable {
  private static final int WITHOUT_LINE = 15;
  private static final int LONG = 14;
  private static final int WITHOUT_COLUMN = 13;
  private static final int ONE_LINE = 10;

  private LineTable() {}

  /**
   * The line of an instruction.
   *
   * @param instruction its number, in instructions of two bytes
   * @return the first line if the table does not tell
   */
  static int line(ByteBuffer table, int firstLine, int instruction) {
    int line = firstLine;
    int at = 0;
    while (table.hasRemaining()) {
      int head = table.get();
      int kind = head >> 3 & 15;
      line += delta(table, kind);
      at += (head & 7) + 1;
      if (at > instruction) {
        return kind == WITHOUT_LINE ? firstLine : line;
      }
      skip(table);
    }
    return firstLine;
  }

  private static int delta(ByteBuffer table, int kind) {
    return switch (kind) {
      case WITHOUT_COLUMN, LONG -> signed(table);
      case ONE_LINE, ONE_LINE + 1, ONE_LINE + 2 -> kind - ONE_LINE;
      default -> 0;
    };
  }

  /** The rest of an entry: its columns. */
  private static void skip(ByteBuffer table) {
    while (table.hasRemaining() && table.get(table.position()) >= 0) {
      table.get();
    }
  }

  /** A number in pieces of six bits, lowest first; its lowest bit is its sign. */
  private static int signed(ByteBuffer table) {
    int value = 0;
    int shift = 0;
    int piece = 0x40;
    while ((piece & 0x40) != 0 && table.hasRemaining() && shift < 30) {
      piece = table.get();
      value |= (piece & 0x3f) << shift;
      shift += 6;
    }
    return (value & 1) == 0 ? value >>> 1 : -(value >>> 1);
  }
}
