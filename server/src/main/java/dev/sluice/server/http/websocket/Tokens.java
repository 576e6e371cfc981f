package dev.sluice.server.http.websocket;

import dev.sluice.server.exchange.HeaderName;
import dev.sluice.server.exchange.RequestHead;
import dev.sluice.server.http.connection.Refused;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** Reads headers that are lists of tokens (RFC 9110, 5.6); used by one thread. */
final class Tokens {
  private static final String MARKS = "!#$%&'*+-.^_`|~";

  private final String text;
  private int at;

  /** A parameter; without a value if there is none. */
  record Parameter(String name, @Nullable String value) {}

  /** An element of a list, with what follows it behind semicolons. */
  record Element(String name, List<Parameter> parameters) {}

  private Tokens(String text) {
    this.text = text;
  }

  static boolean isToken(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (!isToken(text.charAt(i))) {
        return false;
      }
    }
    return !text.isEmpty();
  }

  private static boolean isToken(char c) {
    boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (c >= '0' && c <= '9') || MARKS.indexOf(c) >= 0;
  }

  /** The values of all headers of this name as one list; null if there is none. */
  static @Nullable String joined(RequestHead head, HeaderName name) {
    if (head.occurrences(name) < 2) {
      return head.header(name);
    }
    StringJoiner all = new StringJoiner(",");
    for (int i = 0; i < head.headerCount(); i++) {
      if (head.headerName(i).isSame(name)) {
        all.add(head.headerValue(i));
      }
    }
    return all.toString();
  }

  /** Whether a list has this element, in whatever case. */
  static boolean contains(@Nullable String list, String element) {
    if (list != null) {
      for (String one : list.split(",", -1)) {
        if (one.strip().equalsIgnoreCase(element)) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * The elements of a list; empty ones do not count.
   *
   * @throws Refused if it is none
   */
  static List<Element> list(String text) throws Refused {
    return new Tokens(text).elements();
  }

  private List<Element> elements() throws Refused {
    List<Element> elements = new ArrayList<>();
    while (true) {
      while (has(',')) {
        at++;
      }
      if (at == text.length()) {
        return elements;
      }
      String name = token();
      List<Parameter> parameters = new ArrayList<>();
      while (has(';')) {
        at++;
        parameters.add(parameter());
      }
      if (at < text.length() && !has(',')) {
        throw malformed();
      }
      elements.add(new Element(name, parameters));
    }
  }

  private Parameter parameter() throws Refused {
    String name = token();
    if (!has('=')) {
      return new Parameter(name, null);
    }
    at++;
    if (!has('"')) {
      return new Parameter(name, token());
    }
    int end = text.indexOf('"', at + 1);
    String value = end < 0 ? "" : text.substring(at + 1, end);
    if (!isToken(value)) {
      throw malformed(); // also behind the quotes it is a token (RFC 6455, 9.1)
    }
    at = end + 1;
    return new Parameter(name, value);
  }

  /** Whether this comes next, behind white space, which is skipped. */
  private boolean has(char wanted) {
    while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
      at++;
    }
    return at < text.length() && text.charAt(at) == wanted;
  }

  private String token() throws Refused {
    boolean space = has(' ');
    int start = at;
    while (at < text.length() && isToken(text.charAt(at))) {
      at++;
    }
    if (space || start == at) {
      throw malformed();
    }
    return text.substring(start, at);
  }

  private static Refused malformed() {
    return new Refused(400, "a header of the WebSocket handshake is malformed");
  }
}
