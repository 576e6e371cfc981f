package dev.sluice.server.exchange;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request; read by one thread. It is either there as a whole before the application
 * is called, in memory if it is small and in a temporary file if it is not; or it is read while it
 * arrives.
 *
 * <p>A thread that may wait uses {@link #read} for a stream, and {@link #file} or {@link #copyTo}
 * for the rest; one that may not, such as the IO thread, has {@link #poll}, whatever the body is.
 */
public interface RequestBody {
  /** How many bytes there are; -1 if it still arrives and its length was not declared. */
  long length();

  /** Whether it is read with {@link #read} while it arrives. */
  boolean isStream();

  /** The file, whose owner is the caller from now on; null if the body is in memory or a stream. */
  @Nullable Path file();

  /** Copies a body that is in memory; the buffer has room for all of it. */
  void copyTo(ByteBuffer target);

  /**
   * Reads from a stream: waits until there is something, and takes as much of it as the buffer has
   * room for. Asks a client that waits for leave to send its body (100-continue). Blocks; never to
   * be called attached.
   *
   * @return how many bytes were read, or -1 at the body's end
   * @throws IOException if the rest will not come, with the reason: the client is gone, too slow or
   *     sent something malformed, or the request has ended
   */
  int read(ByteBuffer target) throws IOException, InterruptedException;

  /**
   * Takes what has arrived, as much of it as the buffer has room for, and never waits. Asks a
   * client that waits for leave to send its body (100-continue). A body in a file is read from
   * there: that may take as long as a local disk does, a page that is in memory as a rule.
   *
   * @return how many bytes were taken, 0 if nothing is there now, or -1 at the body's end
   * @throws IOException as {@link #read} does, behind what came before; or if the file cannot be
   *     read
   */
  int poll(ByteBuffer target) throws IOException;

  /** How many bytes {@link #poll} would give now at most. */
  int available();

  /**
   * Calls back once, in a task of the IO thread and never within this call, as soon as {@link
   * #poll} has something to tell: bytes, the end, or why there is none. A later call replaces an
   * earlier one that was not called back. Asks for the body as {@code poll} does.
   *
   * <p>Nobody is kept waiting by this: what {@code --limit-upload-rate} grants to waiting readers
   * does not count here, but only the time that the client lets pass without sending.
   */
  void whenReadable(Runnable action);
}
