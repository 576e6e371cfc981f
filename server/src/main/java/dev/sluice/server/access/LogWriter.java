package dev.sluice.server.access;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes batches of lines; runs on {@code sluice-log}, which may block, until its buffer is closed
 * and empty. Whatever goes wrong with the file costs lines, never the thread.
 */
final class LogWriter implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(LogWriter.class);

  /** The JVM copies what it writes into memory of its own, of this size. */
  private static final int PIECE = 64 * 1024;

  /** Where the bytes go. */
  @FunctionalInterface
  interface Sink {
    /** Writes as much as possible; what is left in the buffer was not written. May block. */
    void write(ByteBuffer bytes) throws IOException;
  }

  private final LogBuffer buffer;
  private final Sink target;
  private final LineFormat format;
  private final AtomicLong lost = new AtomicLong();
  private long missing; // lines that no note has told of yet
  private boolean torn; // whether the file ends in the midst of a line
  private boolean failing;

  LogWriter(LogBuffer buffer, Sink target, LineFormat format) {
    this.buffer = buffer;
    this.target = target;
    this.format = format;
  }

  /** How many lines could not be written. */
  long lost() {
    return lost.get();
  }

  @Override
  public void run() {
    try {
      LogBuffer.Batch batch = buffer.take();
      while (batch != null) {
        write(batch);
        batch = buffer.take();
      }
    } catch (InterruptedException e) {
      LOG.warn("the access log ends: its thread was interrupted");
    }
  }

  private void write(LogBuffer.Batch batch) {
    missing += batch.dropped;
    int written = 0;
    try {
      if (torn) {
        all(ByteBuffer.wrap(new byte[] {'\n'}));
        torn = false;
      }
      while (written < batch.length) {
        ByteBuffer piece =
            ByteBuffer.wrap(batch.array, written, Math.min(PIECE, batch.length - written));
        try {
          target.write(piece);
        } finally {
          written = piece.position();
        }
      }
      if (missing > 0) {
        all(ByteBuffer.wrap((format.note(missing) + "\n").getBytes(StandardCharsets.UTF_8)));
        missing = 0;
      }
      if (failing) {
        failing = false;
        LOG.info("the access log is written again");
      }
    } catch (IOException | RuntimeException e) {
      failed(batch, written, e);
    }
  }

  /** A note that is written in part only is a torn line too. */
  private void all(ByteBuffer bytes) throws IOException {
    try {
      target.write(bytes);
    } finally {
      torn |= bytes.hasRemaining() && bytes.position() > 0;
    }
  }

  private void failed(LogBuffer.Batch batch, int written, Exception why) {
    if (written > 0 && written < batch.length) {
      torn |= batch.array[written - 1] != '\n';
    }
    long here = 0;
    for (int i = written; i < batch.length; i++) {
      here += batch.array[i] == '\n' ? 1 : 0;
    }
    missing += here;
    lost.addAndGet(here);
    if (!failing) {
      failing = true;
      LOG.warn("the access log cannot be written, its lines are dropped: {}", why.toString());
    }
  }
}
