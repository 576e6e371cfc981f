package dev.sluice.server.proxies;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads one element of the Forwarded header as RFC 7239 has it, and nothing else: no white space
 * around {@code ;} and {@code =}, no parameter twice, what is no token in quotes. Used by the IO
 * thread that read it.
 */
final class ForwardedElement {
  private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";

  private final String line;
  private final int end;
  private int at;
  private @Nullable String name;
  private String value = "";

  private ForwardedElement(String line, int start, int end) {
    this.line = line;
    this.end = end;
    at = start;
  }

  /** What the element says, or null if it is malformed. */
  static @Nullable Hop parse(String line, int start, int end) {
    return new ForwardedElement(line, start, end).hop();
  }

  private @Nullable Hop hop() {
    Hop node = null;
    String scheme = null;
    boolean by = false;
    boolean host = false;
    while (true) {
      if (!pair()) {
        return null;
      }
      if (name != null) {
        switch (name) {
          case "for" -> {
            if (node != null || (node = Hop.ofNode(value)) == null) {
              return null;
            }
          }
          case "proto" -> {
            if (scheme != null || (scheme = Hop.scheme(value)) == null) {
              return null;
            }
          }
          case "by" -> {
            if (by || Hop.ofNode(value) == null) {
              return null;
            }
            by = true;
          }
          case "host" -> {
            if (host || value.isEmpty()) {
              return null;
            }
            host = true;
          }
          default -> {} // an extension
        }
      }
      if (at == end) {
        break;
      }
      at++; // the semicolon
    }
    return (node != null ? node : new Hop(Hop.Node.ABSENT, null, 0, null)).withScheme(scheme);
  }

  /** Reads a pair, or nothing where two semicolons meet, up to a semicolon or the end. */
  private boolean pair() {
    name = null;
    if (at == end || line.charAt(at) == ';') {
      return true;
    }
    int start = at;
    token();
    if (at == start || at == end || line.charAt(at) != '=') {
      return false;
    }
    name = lower(line.substring(start, at++));
    start = at;
    if (at < end && line.charAt(at) == '"') {
      return quoted() && isSeparated();
    }
    token();
    value = line.substring(start, at);
    return at > start && isSeparated();
  }

  private boolean isSeparated() {
    return at == end || line.charAt(at) == ';';
  }

  private void token() {
    while (at < end && isTokenCharacter(line.charAt(at))) {
      at++;
    }
  }

  private boolean quoted() {
    StringBuilder text = new StringBuilder();
    at++;
    while (at < end) {
      char c = line.charAt(at++);
      if (c == '"') {
        value = text.toString();
        return true;
      }
      if (c == '\\') {
        if (at == end) {
          return false;
        }
        c = line.charAt(at++);
      }
      if ((c < ' ' && c != '\t') || c == 0x7f) {
        return false;
      }
      text.append(c);
    }
    return false;
  }

  private static boolean isTokenCharacter(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || IpAddress.isDigit(c)
        || TOKEN_MARKS.indexOf(c) >= 0;
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
