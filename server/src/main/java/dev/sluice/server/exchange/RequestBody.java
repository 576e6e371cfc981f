package dev.sluice.server.exchange;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request; read by one thread. It is either there as a whole before the application
 * is called, in memory if it is small and in a temporary file if it is not; or it is read while it
 * arrives.
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
}
