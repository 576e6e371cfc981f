package dev.sluice.server.http.h1;

/**
 * An array for the response on its way to the IO thread, kept for the connection's next one; used
 * by the one exchange in flight.
 */
final class HeadArray {
  private static final int LEAST = 1024;

  private byte[] array = new byte[0];

  /** The array, with room for so many bytes; keeps the first ones of {@code old}. */
  byte[] withRoom(byte[] old, int keep, int size) {
    if (array.length < size) {
      array = new byte[Math.max(size, LEAST)];
    }
    if (old != array) {
      System.arraycopy(old, 0, array, 0, keep);
    }
    return array;
  }
}
