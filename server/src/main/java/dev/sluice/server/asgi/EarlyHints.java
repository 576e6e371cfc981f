package dev.sluice.server.asgi;

import dev.sluice.python.capi.BytesApi;
import dev.sluice.python.capi.ContainerApi;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.HeaderAdder;
import dev.sluice.server.exchange.ResponseHead;
import java.nio.charset.StandardCharsets;

/** Links that a client may load ahead of the response; on the loop's thread, attached. */
final class EarlyHints {
  private static final byte[] LINK = "link".getBytes(StandardCharsets.US_ASCII);

  private EarlyHints() {}

  /** Sends a message's links; false with an exception set. */
  static boolean send(Python python, Exchange exchange, long message) {
    long links = ContainerApi.getDictItem(message, python.names().links);
    long iterator = links == 0 ? 0 : ObjectApi.getIter(links);
    if (iterator == 0) {
      return !ErrorApi.occurred()
          && ResponseReader.refuse(
              ErrorApi.Types.KEY_ERROR, "http.response.early_hint has no 'links'");
    }
    ResponseHead head = new ResponseHead();
    head.reset(103, "Early Hints");
    boolean fine = true;
    for (long link = ObjectApi.next(iterator);
        fine && link != 0;
        link = fine ? ObjectApi.next(iterator) : 0) {
      fine = add(head, link);
      ObjectApi.decRef(link);
    }
    ObjectApi.decRef(iterator);
    if (!fine || ErrorApi.occurred()) {
      return false;
    }
    exchange.inform(head);
    return true;
  }

  private static boolean add(ResponseHead head, long link) {
    if (!ObjectApi.is(link, BytesApi.TYPE)) {
      return ResponseReader.refuse(ErrorApi.Types.TYPE_ERROR, "each link must be bytes");
    }
    byte[] value = BytesApi.toArray(link);
    return HeaderAdder.add(head, LINK, LINK.length, value, value.length)
            == HeaderAdder.Verdict.ADDED
        || ResponseReader.refuse(ErrorApi.Types.VALUE_ERROR, "a link contains a control character");
  }
}
