package dev.sluice.server.exchange;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The whole body of a request, received before the application is called: in memory if it is small,
 * in a temporary file if it is not; read by one thread.
 */
public interface RequestBody {
  /** How many bytes there are. */
  long length();

  /** The file, whose owner is the caller from now on; null if the body is in memory. */
  @Nullable Path file();

  /** Copies a body that is in memory; the buffer has room for all of it. */
  void copyTo(ByteBuffer target);
}
