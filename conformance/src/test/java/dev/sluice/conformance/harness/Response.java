package dev.sluice.conformance.harness;

import java.util.List;

/**
 * A response as it came over the wire.
 *
 * @param text its body, each byte a latin-1 character
 * @param complete whether its body ended as its framing said, not by a cut
 */
public record Response(
    String version,
    int status,
    String reason,
    List<Header> headers,
    String text,
    Framing framing,
    boolean complete) {

  public record Header(String name, String value) {}

  /** How the end of the body was told. */
  public enum Framing {
    NONE,
    LENGTH,
    CHUNKED,
    CLOSE
  }

  /** Expects a 200 with a date and this body, whole. */
  public void expectWhole(String body) {
    if (status != 200 || !complete || !text.equals(body) || header("Date").isEmpty()) {
      throw new AssertionError("expected a whole " + shown(body) + " but got " + this);
    }
  }

  /** Every value of a header, in order. */
  public List<String> all(String name) {
    return headers.stream()
        .filter(header -> header.name().equalsIgnoreCase(name))
        .map(Header::value)
        .toList();
  }

  /** The one value of a header; empty when it is not there. */
  public String header(String name) {
    List<String> values = all(name);
    if (values.size() > 1) {
      throw new AssertionError(name + " is there more than once: " + values);
    }
    return values.isEmpty() ? "" : values.getFirst();
  }

  @Override
  public String toString() {
    return version
        + " "
        + status
        + " "
        + reason
        + " "
        + headers
        + " "
        + framing
        + (complete ? " complete: " : " cut: ")
        + shown(text);
  }

  private static String shown(String body) {
    return body.length() > 2000 ? body.length() + " bytes" : "'" + body + "'";
  }
}
