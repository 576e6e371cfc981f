package dev.sluice.server.files;

import dev.sluice.server.exchange.SharedBytes;
import dev.sluice.server.files.Representation.Source;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A file's representations: as it is, precompressed, and compressed on the fly when that is first
 * asked for. Made by the files' threads, read by any.
 */
final class Variants {
  private final Library.Stamps stamps;
  private final boolean trusted;
  private final @Nullable Representation[] ready;
  private final Source gzipSource;
  private final long now;
  private boolean released; // guarded by this
  private volatile boolean canGzip;
  private volatile @Nullable Representation gzip;

  /**
   * Makes variants.
   *
   * @param stamps the states of the file and its siblings
   * @param trusted whether an equal stamp later means an equal content; not so for a file that has
   *     just changed, since it may change again within the same tick of the file system's clock
   * @param ready by the number of their coding; the uncompressed one is there
   * @param gzipSource describes what is compressed on the fly
   * @param canGzip whether to compress on the fly
   * @param now in seconds since 1970
   */
  Variants(
      Library.Stamps stamps,
      boolean trusted,
      @Nullable Representation[] ready,
      Source gzipSource,
      boolean canGzip,
      long now) {
    this.stamps = stamps;
    this.trusted = trusted;
    this.ready = ready.clone();
    this.gzipSource = gzipSource;
    this.canGzip = canGzip;
    this.now = now;
  }

  Library.Stamps stamps() {
    return stamps;
  }

  boolean isTrusted() {
    return trusted;
  }

  /** The file as it is. */
  Representation identity() {
    Representation identity = ready[Coding.IDENTITY.index];
    if (identity == null) {
      throw new IllegalStateException("a file without itself");
    }
    return identity;
  }

  /**
   * The coding that suits the client best; uncompressed if none does.
   *
   * @param acceptEncoding all its Accept-Encoding headers
   */
  Coding select(List<String> acceptEncoding) {
    if (acceptEncoding.isEmpty()) {
      return Coding.IDENTITY;
    }
    int[] weights =
        Coding.weights(
            acceptEncoding.size() == 1
                ? acceptEncoding.getFirst()
                : String.join(",", acceptEncoding));
    Coding best = Coding.IDENTITY;
    int most = 0;
    for (Coding coding : Coding.ALL) {
      int weight = weights[coding.index];
      if (weight > most && has(coding)) {
        best = coding;
        most = weight;
      }
    }
    return best;
  }

  private boolean has(Coding coding) {
    return ready[coding.index] != null || (coding == Coding.GZIP && canGzip);
  }

  /** The representation in this coding, or null if it has to be made first. */
  @Nullable Representation get(Coding coding) {
    Representation found = ready[coding.index];
    return found == null && coding == Coding.GZIP ? gzip : found;
  }

  /**
   * Compresses, unless that was done; the file as it is if it would not become smaller. Takes about
   * 30 ms for a megabyte; on the files' threads. The result stays in the heap: it is on no disk
   * from where it could be sent when it has gone.
   */
  synchronized Representation makeGzip(byte[] content) {
    Representation made = gzip;
    if (made != null || !canGzip) {
      return made != null ? made : identity();
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(content.length / 3 + 64);
    try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
      zip.write(content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (out.size() >= content.length - content.length / 16) {
      canGzip = false;
      return identity();
    }
    Representation compressed =
        new Representation(
            gzipSource, identity().stamp(), SharedBytes.of(out.toByteArray()), out.size(), now);
    gzip = compressed;
    return compressed;
  }

  /** Ends the hold on contents in memory; what comes later is sent from the disk. */
  synchronized void release() {
    if (released) {
      return;
    }
    released = true;
    for (Representation representation : ready) {
      if (representation != null) {
        representation.release();
      }
    }
  }

  /** How many bytes of memory they take up, about. */
  long weight() {
    long weight = 0;
    for (Coding coding : Coding.ALL) {
      Representation representation = get(coding);
      if (representation != null) {
        SharedBytes content = representation.content();
        weight += Entry.OVERHEAD + (content == null ? 0 : content.size());
      }
    }
    return weight;
  }
}
