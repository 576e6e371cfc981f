package dev.sluice.server.asgi;

import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;
import dev.sluice.server.exchange.PercentDecoder;
import dev.sluice.server.exchange.RequestTarget;
import dev.sluice.server.exchange.RootPath;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The path and the query of a target as Python has them: {@code path}, {@code raw_path} and {@code
 * query_string}; on the loop's thread, attached.
 *
 * @param path a str, percent-decoded and read as UTF-8
 * @param rawPath bytes, as they were sent
 * @param query bytes, as they were sent
 */
record TargetParts(String target, long path, long rawPath, long query) {
  /** Nobody's part: a failure. */
  private static final TargetParts NONE = new TargetParts("", 0, 0, 0);

  /** Whether Python has had no memory for it. */
  boolean isMissing() {
    return path == 0 || rawPath == 0 || query == 0;
  }

  private void release() {
    ObjectApi.decRef(path);
    ObjectApi.decRef(rawPath);
    ObjectApi.decRef(query);
  }

  /** The parts of recent targets, since many requests are for few of them. */
  static final class Cache {
    private static final int SIZE = 256;
    private static final int LONGEST_KEPT = 256;

    private final RootPath rootPath;
    private final @Nullable TargetParts[] recent = new TargetParts[SIZE];
    private @Nullable TargetParts unkept;

    /**
     * Makes an empty one.
     *
     * @param rootPath whose outer part a proxy may have removed from the paths
     */
    Cache(RootPath rootPath) {
      this.rootPath = rootPath;
    }

    /** The parts, borrowed until the next call; some are missing, with an exception set. */
    TargetParts of(String target) {
      int place = target.hashCode() & (SIZE - 1);
      TargetParts found = recent[place];
      if (found != null && found.target.equals(target)) {
        return found;
      }
      TargetParts made = split(target);
      if (made.isMissing()) {
        made.release();
        return NONE;
      }
      TargetParts replaced = target.length() <= LONGEST_KEPT ? found : unkept;
      if (target.length() <= LONGEST_KEPT) {
        recent[place] = made;
      } else {
        unkept = made;
      }
      if (replaced != null) {
        replaced.release();
      }
      return made;
    }

    private TargetParts split(String target) {
      int start = RequestTarget.pathStart(target);
      int end = RequestTarget.pathEnd(target, start);
      String raw = start == end ? "/" : target.substring(start, end);
      boolean whole = rootPath.isWhole(target, start, end);
      String path = whole ? decoded(raw) : rootPath.outer() + decoded(raw);
      String query = end == target.length() ? "" : target.substring(end + 1);
      return new TargetParts(
          target,
          UnicodeApi.fromString(path),
          HeaderTuples.bytes(whole ? raw : rootPath.outerRaw() + raw),
          HeaderTuples.bytes(query));
    }

    private static String decoded(String raw) {
      byte[] bytes = new byte[raw.length()];
      int length = PercentDecoder.decode(raw, 0, raw.length(), bytes, 0);
      return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
  }
}
