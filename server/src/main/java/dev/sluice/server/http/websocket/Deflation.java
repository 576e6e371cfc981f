package dev.sluice.server.http.websocket;

import dev.sluice.server.http.websocket.Tokens.Element;
import dev.sluice.server.http.websocket.Tokens.Parameter;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What was agreed on about compression (permessage-deflate, RFC 7692, 7.1); immutable.
 *
 * @param takesOver whether our messages may refer to those before them
 * @param clientTakesOver the same for the client's
 * @param windowBits how far back our messages may refer: 8 to 15, as a power of two
 * @param answer the extension as the answer names it
 */
record Deflation(boolean takesOver, boolean clientTakesOver, int windowBits, String answer) {
  private static final String NAME = "permessage-deflate";
  private static final int MOST_BITS = 15;

  /** The first of the offers that can be fulfilled, if there is one. */
  static @Nullable Deflation of(List<Element> offers) {
    for (Element offer : offers) {
      Deflation accepted = offer.name().equalsIgnoreCase(NAME) ? of(offer) : null;
      if (accepted != null) {
        return accepted;
      }
    }
    return null;
  }

  private static @Nullable Deflation of(Element offer) {
    boolean takesOver = true;
    boolean clientTakesOver = true;
    int bits = MOST_BITS;
    StringBuilder answer = new StringBuilder(NAME);
    Set<String> seen = new HashSet<>();
    for (Parameter parameter : offer.parameters()) {
      String value = parameter.value();
      int number = bits(value);
      boolean understood =
          switch (parameter.name()) {
            case "server_no_context_takeover", "client_no_context_takeover" -> value == null;
            case "server_max_window_bits" -> number > 0;
            case "client_max_window_bits" -> value == null || number > 0;
            default -> false;
          };
      if (!understood || !seen.add(parameter.name())) {
        return null;
      }
      switch (parameter.name()) {
        case "server_no_context_takeover" -> takesOver = false;
        case "client_no_context_takeover" -> clientTakesOver = false;
        case "server_max_window_bits" -> bits = number;
        default -> {
          continue; // a window of the client's that is smaller than ours needs no answer
        }
      }
      answer.append("; ").append(parameter.name());
      if (value != null) {
        answer.append('=').append(value);
      }
    }
    return new Deflation(takesOver, clientTakesOver, bits, answer.toString());
  }

  /** 8 to 15, or 0 for anything else. */
  private static int bits(@Nullable String value) {
    if (value == null || value.isEmpty() || value.length() > 2 || value.startsWith("0")) {
      return 0;
    }
    int number = 0;
    for (int i = 0; i < value.length(); i++) {
      int digit = value.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return 0;
      }
      number = number * 10 + digit;
    }
    return number >= 8 && number <= MOST_BITS ? number : 0;
  }
}
