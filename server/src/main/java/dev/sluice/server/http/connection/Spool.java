package dev.sluice.server.http.connection;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A large body on its way into a temporary file: its methods run on the connection's IO thread, the
 * writing on {@code sluice-spool}, which may block.
 *
 * <p>What waits to be written is bounded: beyond {@link #HIGH} bytes the owner stops reading.
 */
final class Spool {
  private static final Logger LOG = LoggerFactory.getLogger(Spool.class);
  private static final long HIGH = 1 << 20;

  /** Its queue is bounded by what all connections may have waiting, {@link #HIGH} each. */
  static final Executor WRITER = newWriter();

  private final BodySource owner;
  private @Nullable FileChannel channel;
  private @Nullable Path file;
  private boolean failed;
  private boolean discarded;
  private long waiting;

  Spool(BodySource owner) {
    this.owner = owner;
  }

  private static Executor newWriter() {
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(
            1,
            1,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> Thread.ofPlatform().name("sluice-spool").daemon(true).unstarted(task));
    executor.allowCoreThreadTimeOut(true);
    return executor;
  }

  void write(ByteBuf piece) {
    int size = piece.readableBytes();
    waiting += size;
    if (waiting > HIGH) {
      owner.pauseReading();
    }
    WRITER.execute(() -> {
      store(piece);
      owner.onIoThread(() -> stored(size));
    });
  }

  private void stored(int size) {
    waiting -= size;
    if (waiting <= HIGH / 2) {
      owner.resumeReading();
    }
  }

  private void store(ByteBuf piece) {
    try {
      if (!failed) {
        FileChannel target = channel == null ? open() : channel;
        while (piece.isReadable()) {
          piece.readBytes(target, piece.readableBytes());
        }
      }
    } catch (IOException e) {
      failed = true;
      LOG.error(
          "a request's body cannot be stored in {}: {}", System.getProperty("java.io.tmpdir"), e);
      owner.onIoThread(owner::spoolFailed);
    } finally {
      piece.release();
    }
  }

  private FileChannel open() throws IOException {
    Path created = Files.createTempFile("sluice-body-", ".tmp");
    file = created;
    FileChannel opened = FileChannel.open(created, StandardOpenOption.WRITE);
    channel = opened;
    return opened;
  }

  private void closeChannel() {
    FileChannel opened = channel;
    channel = null;
    if (opened != null) {
      try {
        opened.close();
      } catch (IOException e) {
        failed = true;
      }
    }
  }

  /**
   * Calls back on the IO thread when everything is in the file, or tells the owner of a failure.
   */
  void finish(Runnable action) {
    WRITER.execute(() -> {
      closeChannel();
      owner.onIoThread(failed ? owner::spoolFailed : action);
    });
  }

  @Nullable Path file() {
    return file;
  }

  void discard() {
    if (!discarded) {
      discarded = true;
      WRITER.execute(() -> {
        closeChannel();
        try {
          if (file != null) {
            Files.deleteIfExists(file);
          }
        } catch (IOException e) {
          LOG.warn("a temporary file cannot be deleted: {}", e.toString());
        }
      });
    }
  }
}
