package dev.sluice.server.files;

import dev.sluice.server.exchange.ResponseHead;
import dev.sluice.server.exchange.SharedBytes;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A file in one coding, with its heads ready to be sent; immutable but for them, which nobody
 * changes after this is made. Any thread.
 *
 * <p>Entity tags are strong. What is kept in memory is tagged by its content (the first half of its
 * SHA-256), so that several machines with the same files have the same tags. What is not is tagged
 * by the time of its last change in nanoseconds, its size, device and inode.
 */
final class Representation {
  private static final int PIECE = 8192;

  private final Source source;
  private final Stamp stamp;
  private final @Nullable SharedBytes content;
  private final long size;
  private final String tag;
  private final long modified;
  private final ResponseHead whole;
  private final ResponseHead notModified;

  /**
   * Where it comes from and how it is described.
   *
   * @param below the path of its file within the folder
   * @param type the Content-Type
   * @param cacheControl an empty string for no such header
   * @param varies whether there are others of the same file
   */
  record Source(String below, Coding coding, String type, String cacheControl, boolean varies) {}

  /**
   * Makes a representation.
   *
   * @param content null if it is to be sent from the disk
   * @param size of the content, or of the file
   * @param now in seconds since 1970: nothing was modified after that
   */
  Representation(Source source, Stamp stamp, @Nullable SharedBytes content, long size, long now) {
    this.source = source;
    this.stamp = stamp;
    this.content = content;
    this.size = size;
    tag = '"' + (content == null ? tagOf(stamp) : tagOf(content)) + source.coding.tagSuffix + '"';
    modified = Math.min(stamp.modifiedSeconds(), now);
    whole = head(200, "OK", size, null);
    notModified = new ResponseHead();
    notModified.reset(304, "Not Modified");
    describe(notModified);
  }

  private static String tagOf(SharedBytes content) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (int at = 0; at < content.size(); at += PIECE) {
        digest.update(content.part(at, Math.min(PIECE, content.size() - at)));
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static String tagOf(Stamp stamp) {
    StringBuilder text = new StringBuilder();
    text.append(Long.toHexString(stamp.modifiedNanos()));
    text.append('-').append(Long.toHexString(stamp.size()));
    if (stamp.key() != null) {
      byte[] key = stamp.key().toString().getBytes(StandardCharsets.UTF_8);
      text.append('-').append(tagOf(SharedBytes.of(key)), 0, 16);
    }
    return text.toString();
  }

  /**
   * A head with everything that describes the representation.
   *
   * @param length of the body
   * @param type the Content-Type if it is not the file's own
   */
  ResponseHead head(int status, String reason, long length, @Nullable String type) {
    ResponseHead head = new ResponseHead();
    head.reset(status, reason);
    head.header("Content-Type", type == null ? source.type : type);
    head.header("Content-Length", Long.toString(length));
    head.declareContentLength(length);
    if (source.coding != Coding.IDENTITY) {
      head.header("Content-Encoding", source.coding.token);
    }
    head.header("Last-Modified", HttpDate.format(modified));
    head.header("Accept-Ranges", "bytes");
    head.header("X-Content-Type-Options", "nosniff");
    describe(head);
    return head;
  }

  /** Adds what a 304 repeats as well. */
  private void describe(ResponseHead head) {
    head.header("ETag", tag);
    if (!source.cacheControl.isEmpty()) {
      head.header("Cache-Control", source.cacheControl);
    }
    if (source.varies) {
      head.header("Vary", "Accept-Encoding");
    }
  }

  /** The path of its file within the folder. */
  String below() {
    return source.below;
  }

  String type() {
    return source.type;
  }

  Stamp stamp() {
    return stamp;
  }

  /** The bytes; null if they are on the disk only. They may have gone: see there. */
  @Nullable SharedBytes content() {
    return content;
  }

  /** Ends the hold on the bytes that its maker has. */
  void release() {
    if (content != null) {
      content.release();
    }
  }

  long size() {
    return size;
  }

  /** The strong entity tag, with its quotes. */
  String tag() {
    return tag;
  }

  /** When it was last modified, in seconds since 1970; never after it was loaded. */
  long modified() {
    return modified;
  }

  /** The head of a response with the whole of it. */
  ResponseHead whole() {
    return whole;
  }

  ResponseHead notModified() {
    return notModified;
  }
}
