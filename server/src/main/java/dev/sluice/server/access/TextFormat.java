package dev.sluice.server.access;

import dev.sluice.python.SluiceException;
import dev.sluice.server.ServerError;
import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.HeaderName;
import dev.sluice.server.exchange.Outcome;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A format of text and tokens such as {@code %(h)s}; immutable, used by all IO threads at once.
 * {@link Tokens} has the tokens.
 */
final class TextFormat implements LineFormat {
  private final Field[] fields;

  private TextFormat(List<Field> fields) {
    this.fields = fields.toArray(new Field[0]);
  }

  /** A part of the line. */
  @FunctionalInterface
  interface Field {
    void write(LogLine line, Exchange exchange, Outcome outcome);
  }

  @Override
  public void write(LogLine line, Exchange exchange, Outcome outcome) {
    for (Field field : fields) {
      field.write(line, exchange, outcome);
    }
  }

  @Override
  public String note(long dropped) {
    return "# " + dropped + " lines were dropped: the access log could not be written fast enough";
  }

  static TextFormat parse(String text) {
    List<Field> fields = new ArrayList<>();
    StringBuilder literal = new StringBuilder();
    boolean tokens = false;
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c < ' ' && c != '\t') {
        throw refuse(text, "it has a control character at position " + at);
      }
      if (c != '%') {
        literal.append(c);
        at++;
      } else if (text.startsWith("%%", at)) {
        literal.append('%');
        at += 2;
      } else {
        if (!literal.isEmpty()) {
          fields.add(literal(literal.toString()));
          literal.setLength(0);
        }
        int end = tokenEnd(text, at);
        fields.add(token(text, at, end));
        tokens = true;
        at = end;
      }
    }
    if (!tokens) {
      throw refuse(text, "it has no token");
    }
    if (!literal.isEmpty()) {
      fields.add(literal(literal.toString()));
    }
    return new TextFormat(fields);
  }

  private static Field literal(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return (line, exchange, outcome) -> line.raw(bytes);
  }

  /** Behind the conversion: {@code s}, {@code d}, {@code i} or {@code .3f}. */
  private static int tokenEnd(String text, int start) {
    int close = text.startsWith("%(", start) ? text.indexOf(')', start) : -1;
    if (close < 0 || close + 1 >= text.length()) {
      throw refuse(text, "a percent sign at position " + start + " begins no whole token");
    }
    int end = close + 1;
    if (text.charAt(end) == '.') {
      end = Math.min(text.length(), end + 3);
    } else {
      end++;
    }
    return end;
  }

  private static Field token(String format, int start, int end) {
    String token = format.substring(start, end);
    int close = token.indexOf(')');
    String name = token.substring(2, close);
    String conversion = token.substring(close + 1);
    if (name.matches("\\{[^{}]+}i") && conversion.equals("s")) {
      HeaderName header = HeaderName.of(name.substring(1, name.length() - 2));
      return (line, exchange, outcome) -> line.text(Tokens.header(exchange, header));
    }
    if (name.equals("dt_ms") && conversion.matches("\\.[0-6]f")) {
      int places = conversion.charAt(1) - '0';
      return (line, exchange, outcome) -> line.decimal(outcome.nanos(), 1_000_000, places);
    }
    Field field =
        switch (conversion) {
          case "s" -> Tokens.find(name);
          case "d" -> Tokens.findNumber(name);
          default -> null;
        };
    if (field == null) {
      throw refuse(format, "there is no token " + token);
    }
    return field;
  }

  private static SluiceException refuse(String format, String why) {
    return new SluiceException(
        ServerError.ACCESS_LOG_FORMAT_INVALID,
        "the format of the access log, \"%s\", is not understood: %s. Write combined, common, json"
                .formatted(format, why)
            + " or a text with these tokens: "
            + Tokens.list()
            + " %({NAME}i)s for a request's header, %% for a percent sign.");
  }
}
