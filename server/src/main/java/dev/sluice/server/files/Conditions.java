package dev.sluice.server.files;

import dev.sluice.server.exchange.HeaderName;
import dev.sluice.server.exchange.RequestHead;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the conditional headers of a request come to (RFC 9110, 13); no state, any thread. */
final class Conditions {
  private static final HeaderName IF_MATCH = HeaderName.of("if-match");
  private static final HeaderName IF_NONE_MATCH = HeaderName.of("if-none-match");
  private static final HeaderName IF_MODIFIED_SINCE = HeaderName.of("if-modified-since");
  private static final HeaderName IF_UNMODIFIED_SINCE = HeaderName.of("if-unmodified-since");
  private static final HeaderName IF_RANGE = HeaderName.of("if-range");

  private Conditions() {}

  enum Verdict {
    PROCEED,
    NOT_MODIFIED,
    FAILED
  }

  /**
   * Evaluates in the order of RFC 9110, 13.2.2, for GET and HEAD of something that is there.
   *
   * @param tag the strong entity tag of what would be sent
   * @param modified when it was last modified, in seconds since 1970
   */
  static Verdict evaluate(RequestHead head, String tag, long modified) {
    List<String> match = all(head, IF_MATCH);
    if (!match.isEmpty()) {
      if (!EntityTags.matches(match, tag, false)) {
        return Verdict.FAILED;
      }
    } else {
      long date = date(head, IF_UNMODIFIED_SINCE);
      if (date != HttpDate.NONE && modified > date) {
        return Verdict.FAILED;
      }
    }
    List<String> noneMatch = all(head, IF_NONE_MATCH);
    if (!noneMatch.isEmpty()) {
      return EntityTags.matches(noneMatch, tag, true) ? Verdict.NOT_MODIFIED : Verdict.PROCEED;
    }
    long date = date(head, IF_MODIFIED_SINCE);
    return date != HttpDate.NONE && modified <= date ? Verdict.NOT_MODIFIED : Verdict.PROCEED;
  }

  /**
   * Whether a Range header counts: there is no If-Range, or what the client has a part of is what
   * would be sent. A date counts only if it lies at least a second back, since before that the file
   * may have changed twice under it.
   *
   * @param now in seconds since 1970
   */
  static boolean rangeCounts(RequestHead head, String tag, long modified, long now) {
    List<String> values = all(head, IF_RANGE);
    if (values.isEmpty()) {
      return true;
    }
    String value = values.getFirst().strip();
    if (values.size() > 1) {
      return false;
    }
    if (value.startsWith("\"") || value.startsWith("W/")) {
      return value.equals(tag);
    }
    long date = HttpDate.parse(value);
    return date != HttpDate.NONE && date == modified && date < now;
  }

  /** The date of a header, if it was sent once and is a date. */
  private static long date(RequestHead head, HeaderName name) {
    List<String> values = all(head, name);
    return values.size() == 1 ? HttpDate.parse(values.getFirst().strip()) : HttpDate.NONE;
  }

  /** Every value of a header; most requests have none, and no list is made for them. */
  static List<String> all(RequestHead head, HeaderName name) {
    String first = head.header(name);
    if (first == null) {
      return List.of();
    }
    if (head.occurrences(name) == 1) {
      return List.of(first);
    }
    List<String> values = new ArrayList<>();
    for (int i = 0; i < head.headerCount(); i++) {
      if (head.headerName(i).isSame(name)) {
        values.add(head.headerValue(i));
      }
    }
    return values;
  }

  /** The header's value if it was sent exactly once. */
  static @Nullable String single(RequestHead head, HeaderName name) {
    List<String> values = all(head, name);
    return values.size() == 1 ? values.getFirst() : null;
  }
}
