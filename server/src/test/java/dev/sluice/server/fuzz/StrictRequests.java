package dev.sluice.server.fuzz;

import dev.sluice.server.fuzz.Lines.Incomplete;
import dev.sluice.server.fuzz.Lines.Wrong;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The requests in the bytes of a connection, as RFC 9112 has them and nobody is lenient about: what
 * a server may see there, and nothing else.
 */
public final class StrictRequests {
  private final Lines lines;
  private final List<Request> requests = new ArrayList<>();

  /**
   * A request whose head is complete.
   *
   * @param body null if it is not there as a whole, or malformed
   */
  public record Request(
      String method,
      String target,
      String protocol,
      Fields fields,
      @Nullable String body,
      boolean keepAlive) {}

  private StrictRequests(byte[] bytes) {
    lines = new Lines(bytes);
  }

  /** Reads until the bytes end, are wrong, or a request says that it is the last. */
  public static List<Request> read(byte[] bytes) {
    StrictRequests reader = new StrictRequests(bytes);
    try {
      while (reader.next()) {
        // Each is kept.
      }
    } catch (Wrong | Incomplete e) {
      // What was read before stays.
    }
    return reader.requests;
  }

  private boolean next() throws Wrong, Incomplete {
    while (lines.take("\r\n")) {
      // Empty lines before a request are to be ignored.
    }
    if (lines.isAtEnd()) {
      return false;
    }
    String[] words = lines.line().split(" ", -1);
    if (words.length != 3 || !Lines.isToken(words[0]) || !isTarget(words[1])) {
      throw new Wrong("no request line");
    }
    if (!words[2].matches("HTTP/1\\.[01]")) {
      throw new Wrong("no version that is spoken here");
    }
    Fields fields = Fields.read(lines);
    boolean eleven = words[2].endsWith("1");
    boolean keep =
        !fields.lists("connection", "close")
            && (eleven || fields.lists("connection", "keep-alive"));
    List<String> lengths = fields.values("content-length");
    List<String> codings = fields.values("transfer-encoding");
    Request head = new Request(words[0], words[1], words[2], fields, null, keep);
    if (lengths.size() + codings.size() > 1) {
      throw new Wrong("the body is framed in two ways");
    }
    if (!codings.isEmpty() && !(eleven && codings.getFirst().equalsIgnoreCase("chunked"))) {
      throw new Wrong("the body has a coding that is not understood");
    }
    if (!lengths.isEmpty() && !Lines.isDigits(lengths.getFirst(), 18)) {
      throw new Wrong("the body's length is no number");
    }
    requests.add(head);
    String body = "";
    if (!codings.isEmpty()) {
      body = Fields.chunks(lines);
    } else if (!lengths.isEmpty()) {
      body = lines.take(Long.parseLong(lengths.getFirst()));
    }
    requests.set(
        requests.size() - 1, new Request(words[0], words[1], words[2], fields, body, keep));
    return keep;
  }

  private static boolean isTarget(String text) {
    return !text.isEmpty() && text.chars().allMatch(c -> c > ' ' && c != 0x7f);
  }
}
