package dev.sluice.server.fuzz;

import dev.sluice.server.exchange.HeaderName;
import dev.sluice.server.exchange.RequestHead;
import java.util.List;

/**
 * A head that a fuzzer made up.
 *
 * @param headers each name before its value
 */
public record SentHead(String method, String target, List<String> headers) {
  /** The headers for exchanges that came over no wire. */
  public String[] array() {
    return headers.toArray(String[]::new);
  }

  /** The same as the server has it. */
  public RequestHead head() {
    RequestHead head = new RequestHead(method, target, "HTTP/1.1");
    for (int i = 0; i < headers.size(); i += 2) {
      head.add(HeaderName.of(headers.get(i)), headers.get(i + 1));
    }
    return head;
  }
}
