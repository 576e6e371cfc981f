package dev.sluice.server.asgi;

import dev.sluice.python.capi.BytesApi;
import dev.sluice.python.capi.ContainerApi;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.NumberApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;
import dev.sluice.server.exchange.HeaderAdder;
import dev.sluice.server.exchange.ResponseHead;
import java.nio.charset.StandardCharsets;

/**
 * Reads what messages say of a response's head, and checks it; on the loop's thread, attached. On
 * failure a Python exception is set.
 */
final class ResponseReader {
  private static final String HANDSHAKE = "sec-websocket-";

  private final Python python;
  private boolean handshake;
  private final byte[][] statusLines = new byte[1000][];
  private byte[] name = new byte[64];
  private byte[] value = new byte[256];

  ResponseReader(Python python) {
    this.python = python;
  }

  /** Begins a head with the message's status, which is at least {@code least}. */
  boolean readStatus(long message, ResponseHead head, int least) {
    long status = ContainerApi.getDictItem(message, python.names().status);
    if (status == 0) {
      return refuse(ErrorApi.Types.KEY_ERROR, "the message has no 'status'");
    }
    if (!NumberApi.isIndex(status)) {
      return refuse(
          ErrorApi.Types.TYPE_ERROR,
          "the status must be an int, not " + UnicodeApi.typeName(status));
    }
    long number = NumberApi.asLong(status);
    if (number == -1 && ErrorApi.occurred()) {
      return false;
    }
    if (number < least || number > 999) {
      return refuse(
          ErrorApi.Types.VALUE_ERROR,
          "the status must be from %d to 999, not %d".formatted(least, number));
    }
    byte[] line = line((int) number);
    head.reset((int) number, line, line.length);
    return true;
  }

  private byte[] line(int status) {
    byte[] known = statusLines[status];
    if (known == null) {
      known = (status + " " + python.reason(status)).getBytes(StandardCharsets.ISO_8859_1);
      statusLines[status] = known;
    }
    return known;
  }

  /** Adds the message's headers, if it has any. */
  boolean readHeaders(long message, ResponseHead head) {
    long headers = ContainerApi.getDictItem(message, python.names().headers);
    if (headers == 0) {
      return true;
    }
    boolean list = ObjectApi.is(headers, ContainerApi.LIST_TYPE);
    if (list || ObjectApi.is(headers, ContainerApi.TUPLE_TYPE)) {
      for (long i = 0; i < ContainerApi.size(headers); i++) {
        long pair = list ? ContainerApi.listItem(headers, i) : ContainerApi.tupleItem(headers, i);
        if (!readPair(pair, head)) {
          return false;
        }
      }
      return true;
    }
    return readIterable(headers, head);
  }

  /** The same for the answer to a handshake, whose own headers are the server's. */
  boolean readSocketHeaders(long message, ResponseHead head) {
    handshake = true;
    try {
      return readHeaders(message, head);
    } finally {
      handshake = false;
    }
  }

  private boolean isOfHandshake(int nameLength) {
    return handshake
        && nameLength >= HANDSHAKE.length()
        && new String(name, 0, HANDSHAKE.length(), StandardCharsets.ISO_8859_1)
            .equalsIgnoreCase(HANDSHAKE);
  }

  private boolean readIterable(long headers, ResponseHead head) {
    long iterator = ObjectApi.getIter(headers);
    if (iterator == 0) {
      return false;
    }
    boolean fine = true;
    for (long pair = ObjectApi.next(iterator);
        fine && pair != 0;
        pair = fine ? ObjectApi.next(iterator) : 0) {
      fine = readPair(pair, head);
      ObjectApi.decRef(pair);
    }
    ObjectApi.decRef(iterator);
    return fine && !ErrorApi.occurred();
  }

  private boolean readPair(long pair, ResponseHead head) {
    boolean tuple = ObjectApi.is(pair, ContainerApi.TUPLE_TYPE);
    boolean list = !tuple && ObjectApi.is(pair, ContainerApi.LIST_TYPE);
    if ((!tuple && !list) || ContainerApi.size(pair) != 2) {
      return refuse(
          ErrorApi.Types.TYPE_ERROR,
          "each header must be a pair of bytes, not " + UnicodeApi.typeName(pair));
    }
    long first = tuple ? ContainerApi.tupleItem(pair, 0) : ContainerApi.listItem(pair, 0);
    long second = tuple ? ContainerApi.tupleItem(pair, 1) : ContainerApi.listItem(pair, 1);
    if (!isBytes(first) || !isBytes(second)) {
      return refuse(
          ErrorApi.Types.TYPE_ERROR,
          "a header's name and value must be bytes, not "
              + UnicodeApi.typeName(isBytes(first) ? second : first));
    }
    int nameLength = Math.toIntExact(BytesApi.size(first));
    int valueLength = Math.toIntExact(BytesApi.size(second));
    name = room(name, nameLength);
    value = room(value, valueLength);
    Memory.copy(BytesApi.data(first), name, 0, nameLength);
    Memory.copy(BytesApi.data(second), value, 0, valueLength);
    if (isOfHandshake(nameLength)) {
      return refuse(
          ErrorApi.Types.VALUE_ERROR,
          "headers of the handshake are the server's; a subprotocol goes into 'subprotocol'");
    }
    return add(head, nameLength, valueLength);
  }

  private boolean add(ResponseHead head, int nameLength, int valueLength) {
    // What is about the connection is the server's: ASGI has it ignored.
    return switch (HeaderAdder.add(head, name, nameLength, value, valueLength)) {
      case ADDED, HOP_BY_HOP -> true;
      case BAD_NAME ->
          refuse(
              ErrorApi.Types.VALUE_ERROR,
              "a header's name is empty or has a character that is not allowed");
      case BAD_VALUE ->
          refuse(
              ErrorApi.Types.VALUE_ERROR,
              "the value of the header %s contains a control character"
                  .formatted(new String(name, 0, nameLength, StandardCharsets.ISO_8859_1)));
      case BAD_LENGTH ->
          refuse(
              ErrorApi.Types.VALUE_ERROR, "content-length must be a number of at most 18 digits");
      case LENGTHS_DIFFER ->
          refuse(ErrorApi.Types.VALUE_ERROR, "content-length is given twice, and differently");
    };
  }

  private static boolean isBytes(long object) {
    return ObjectApi.is(object, BytesApi.TYPE);
  }

  private static byte[] room(byte[] array, int size) {
    return array.length >= size ? array : new byte[size * 2];
  }

  static boolean refuse(long type, String message) {
    ErrorApi.raise(type, message);
    return false;
  }
}
