package dev.sluice.server.system;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether a thread has something to do for a processor, or waits (for the GIL, a socket, the
 * time), as Linux has it in {@code /proc}; elsewhere nobody knows. Made on the thread itself, asked
 * by one other thread; an answer costs a system call, about 3 microseconds.
 */
public final class RunState implements AutoCloseable {
  private static final Path CURRENT = Path.of("/proc/thread-self");

  private final @Nullable Path file;
  private final ByteBuffer text = ByteBuffer.allocateDirect(128);
  private @Nullable FileChannel channel;
  private boolean failed;

  private RunState(@Nullable Path file) {
    this.file = file;
  }

  /** That of the calling thread. */
  public static RunState ofCurrentThread() {
    try {
      return new RunState(
          Path.of("/proc").resolve(Files.readSymbolicLink(CURRENT)).resolve("stat"));
    } catch (IOException | UnsupportedOperationException e) {
      return new RunState(null);
    }
  }

  /** Whether the thread is certainly neither running nor able to run. */
  public boolean isWaiting() {
    char state = read();
    return state == 'S' || state == 'D' || state == 'I';
  }

  /** The letter behind the name, which is in parentheses and may have any letter in it. */
  private char read() {
    if (failed || file == null) {
      return '?';
    }
    try {
      FileChannel open = channel == null ? FileChannel.open(file) : channel;
      channel = open;
      text.clear();
      int length = open.read(text, 0);
      for (int i = length - 3; i >= 0; i--) {
        if (text.get(i) == ')') {
          return (char) text.get(i + 2);
        }
      }
    } catch (IOException e) {
      // The thread has ended, or there are no descriptors left: then nobody knows.
      failed = channel != null;
      return '?';
    }
    failed = true;
    return '?';
  }

  @Override
  public void close() {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      failed = true;
    }
  }
}
