package dev.sluice.server.wsgi;

import dev.sluice.python.capi.Callbacks;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.server.exchange.ResponseHead;

/**
 * {@code wsgi.early_hints(headers)}: sends an informational response (103) ahead of the answer; on
 * whatever thread the application calls it from, which holds the GIL.
 */
final class EarlyHints {
  private static final int STATUS = 103;

  static final Callbacks.Definition DEFINITION =
      Callbacks.define(
          "early_hints",
          "early_hints(headers): sends a list of (name, value) ahead of the response",
          EarlyHints::call);

  private EarlyHints() {}

  private static long call(long self, long arguments, long count, long keywordNames) {
    Call call = StartResponse.current(self, "early_hints");
    if (call == null) {
      return 0;
    }
    if (count != 1 || keywordNames != 0) {
      ErrorApi.raise(ErrorApi.Types.TYPE_ERROR, "early_hints takes a list of headers");
      return 0;
    }
    ResponseHead head = new ResponseHead();
    head.reset(STATUS, "Early Hints");
    if (!call.headers().readHeaders(Memory.getLong(arguments), head, call.slot())) {
      return 0;
    }
    if (!call.isBegun()) {
      call.exchange().inform(head);
    }
    ObjectApi.incRef(ObjectApi.NONE);
    return ObjectApi.NONE;
  }
}
