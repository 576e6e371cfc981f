package dev.sluice.server.exchange;

import java.nio.charset.StandardCharsets;

/**
 * The part of each path that is not the application's own (SCRIPT_NAME, {@code root_path});
 * immutable, any thread. It is compared with the percent-decoded path, whole segments only.
 *
 * <p>It has two parts, each of which may be empty: the one below which a proxy shows the server,
 * and which that has removed from the path or not; and the prefix below which the server has the
 * application.
 */
public final class RootPath {
  /** Everything is the application's own. */
  public static final RootPath NONE = new RootPath("", "");

  private final String outer;
  private final String prefix;
  private final byte[] outerBytes;
  private final byte[] prefixBytes;

  private RootPath(String outer, String prefix) {
    this.outer = outer;
    this.prefix = prefix;
    outerBytes = outer.getBytes(StandardCharsets.UTF_8);
    prefixBytes = prefix.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * The path below which a proxy shows the server.
   *
   * @param path begins with a slash and does not end with one, or is empty
   */
  public static RootPath of(String path) {
    return path.isEmpty() ? NONE : new RootPath(path, "");
  }

  /** The same for an application below a prefix. */
  public RootPath with(String itsPrefix) {
    return new RootPath(outer, itsPrefix);
  }

  /** All of it, decoded. */
  public String text() {
    return outer + prefix;
  }

  /** The prefix below which the server has the application, decoded. */
  public String prefix() {
    return prefix;
  }

  /** The proxy's part, decoded. */
  public String outer() {
    return outer;
  }

  /** The proxy's part as it would be sent. */
  public String outerRaw() {
    StringBuilder raw = new StringBuilder();
    for (byte each : outerBytes) {
      boolean plain = each > ' ' && each < 0x7f && "%?#\"<>\\^`{|}".indexOf(each) < 0;
      raw.append(plain ? Character.toString(each) : "%%%02X".formatted(each & 0xff));
    }
    return raw.toString();
  }

  /**
   * Where the application's own part of a path begins.
   *
   * @param start where the path begins in the target
   * @param end where it ends
   * @return -1 if the path is not below the prefix
   */
  public int ownPart(String target, int start, int end) {
    if (outerBytes.length == 0) {
      return prefixBytes.length == 0 ? start : behind(prefixBytes, target, start, end);
    }
    int own = whole(target, start, end);
    return own >= 0 ? own : behind(prefixBytes, target, start, end);
  }

  /** Whether the path begins with all of this, the proxy's part included. */
  public boolean isWhole(String target, int start, int end) {
    return whole(target, start, end) >= 0;
  }

  private int whole(String target, int start, int end) {
    int at = behind(outerBytes, target, start, end);
    return at < 0 ? -1 : behind(prefixBytes, target, at, end);
  }

  /** Where a path goes on behind its first segments; -1 if they are others. */
  private static int behind(byte[] segments, String target, int start, int end) {
    if (segments.length == 0) {
      return start;
    }
    int at = start;
    for (byte expected : segments) {
      if (at >= end) {
        return -1;
      }
      int escaped = PercentDecoder.escapeAt(target, at, end);
      boolean plain = escaped < 0 || escaped == '/'; // an escaped slash separates nothing
      if ((byte) (plain ? target.charAt(at) : escaped) != expected) {
        return -1;
      }
      at += plain ? 1 : 3;
    }
    return at == end || target.charAt(at) == '/' ? at : -1;
  }

  @Override
  public String toString() {
    return text();
  }
}
