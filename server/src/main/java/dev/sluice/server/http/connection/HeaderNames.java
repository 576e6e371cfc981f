package dev.sluice.server.http.connection;

import dev.sluice.server.exchange.HeaderName;
import io.netty.util.AsciiString;
import java.util.HashMap;
import java.util.Map;

/** The names of headers as clients spell them; one for each IO thread, used there. */
public final class HeaderNames {
  private static final int MOST = 2 * HeaderName.MOST;

  /** Bounded, because clients could invent any number. */
  private final Map<AsciiString, HeaderName> spellings = new HashMap<>();

  /** The name that is spelled like this. */
  public HeaderName of(CharSequence spelling) {
    if (!(spelling instanceof AsciiString ascii)) {
      return HeaderName.of(spelling.toString());
    }
    HeaderName known = spellings.get(ascii);
    if (known == null) {
      known = HeaderName.of(ascii.toString());
      if (spellings.size() < MOST) {
        spellings.put(ascii, known);
      }
    }
    return known;
  }
}
