package dev.sluice.server.asgi;

import dev.sluice.python.capi.BytesApi;
import dev.sluice.python.capi.ContainerApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.server.exchange.HeaderName;
import dev.sluice.server.exchange.RequestHead;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Makes the list of a request's headers; on the loop's thread, attached.
 *
 * <p>Names are made once. Clients send the same values again and again, so that the last pair of
 * each name is kept for the next request that has the same value; but none that may be a secret.
 */
final class HeaderTuples {
  private static final int LONGEST_KEPT = 256;
  private static final HeaderName AUTHORIZATION = HeaderName.of("authorization");
  private static final HeaderName PROXY_AUTHORIZATION = HeaderName.of("proxy-authorization");

  private final long[] names = new long[HeaderName.MOST];
  private final long[] pairs = new long[HeaderName.MOST];
  private final @Nullable String[] values = new String[HeaderName.MOST];

  /** A new list of tuples of two bytes; null with an exception set. */
  long list(RequestHead head) {
    int count = head.headerCount();
    long list = ContainerApi.newList(count);
    for (int i = 0; list != 0 && i < count; i++) {
      long pair = pair(head.headerName(i), head.headerValue(i));
      if (pair == 0) {
        ObjectApi.decRef(list);
        return 0;
      }
      ContainerApi.setListItem(list, i, pair);
    }
    return list;
  }

  private long pair(HeaderName name, String value) {
    int number = name.number();
    if (number < 0) {
      return newPair(bytes(name.text()), value);
    }
    if (value.equals(values[number])) {
      ObjectApi.incRef(pairs[number]);
      return pairs[number];
    }
    if (names[number] == 0) {
      names[number] = bytes(name.text());
    }
    ObjectApi.incRef(names[number]);
    long pair = newPair(names[number], value);
    if (pair != 0 && mayBeKept(name, value)) {
      ObjectApi.incRef(pair);
      ObjectApi.decRef(pairs[number]);
      pairs[number] = pair;
      values[number] = value;
    }
    return pair;
  }

  private static boolean mayBeKept(HeaderName name, String value) {
    return value.length() <= LONGEST_KEPT
        && name != HeaderName.COOKIE
        && name != AUTHORIZATION
        && name != PROXY_AUTHORIZATION;
  }

  /** Takes the name over. */
  private static long newPair(long name, String value) {
    long bytes = name == 0 ? 0 : bytes(value);
    long tuple = bytes == 0 ? 0 : ContainerApi.newTuple(2);
    if (tuple == 0) {
      ObjectApi.decRef(name);
      ObjectApi.decRef(bytes);
      return 0;
    }
    ContainerApi.setTupleItem(tuple, 0, name);
    ContainerApi.setTupleItem(tuple, 1, bytes);
    return tuple;
  }

  /** The bytes that a text's characters stand for. */
  static long bytes(String text) {
    return BytesApi.fromArray(text.getBytes(StandardCharsets.ISO_8859_1));
  }
}
