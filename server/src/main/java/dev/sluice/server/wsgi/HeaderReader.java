package dev.sluice.server.wsgi;

import dev.sluice.python.capi.BytesApi;
import dev.sluice.python.capi.ContainerApi;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;
import dev.sluice.server.exchange.HeaderAdder;
import dev.sluice.server.exchange.ResponseHead;
import java.nio.charset.StandardCharsets;

/**
 * Reads and checks the status and the headers that an application gives to start_response; on the
 * thread that called it, which holds the GIL.
 */
final class HeaderReader {
  private byte[] name = new byte[64];
  private byte[] value = new byte[256];
  private int length;

  /** Fills the head. On failure a Python exception is set and false returned. */
  boolean read(long status, long headers, ResponseHead head, long slot) {
    return readStatus(status, head, slot) && readHeaders(headers, head, slot);
  }

  private boolean readStatus(long status, ResponseHead head, long slot) {
    if (!isStr(status)) {
      return typeError("the status must be a str", status);
    }
    value = text(status, value, slot);
    if (length < 0) {
      return false;
    }
    boolean wellFormed =
        length >= 4
            && isDigit(value[0])
            && isDigit(value[1])
            && isDigit(value[2])
            && value[3] == ' ';
    int code = wellFormed ? (value[0] - '0') * 100 + (value[1] - '0') * 10 + value[2] - '0' : 0;
    if (code < 200 || code > 999) {
      return valueError("the status must be three digits from 200 on, a space and a reason");
    }
    if (!HeaderAdder.isFieldText(value, length)) {
      return valueError("the status contains a control character");
    }
    head.reset(code, value, length);
    return true;
  }

  /** Adds a list of headers to a head that has its status. */
  boolean readHeaders(long headers, ResponseHead head, long slot) {
    if (!ObjectApi.is(headers, ContainerApi.LIST_TYPE)) {
      return typeError("the headers must be a list", headers);
    }
    for (long i = 0; i < ContainerApi.size(headers); i++) {
      long header = ContainerApi.listItem(headers, i);
      boolean pair =
          ObjectApi.is(header, ContainerApi.TUPLE_TYPE) && ContainerApi.size(header) == 2;
      if (!pair) {
        return typeError("each header must be a tuple of two str", header);
      }
      if (!readHeader(
          ContainerApi.tupleItem(header, 0), ContainerApi.tupleItem(header, 1), head, slot)) {
        return false;
      }
    }
    return true;
  }

  private boolean readHeader(long nameObject, long valueObject, ResponseHead head, long slot) {
    if (!isStr(nameObject) || !isStr(valueObject)) {
      return typeError(
          "a header's name and value must be str", isStr(nameObject) ? valueObject : nameObject);
    }
    name = text(nameObject, name, slot);
    int nameLength = length;
    if (nameLength < 0) {
      return false;
    }
    value = text(valueObject, value, slot);
    if (length < 0) {
      return false;
    }
    return switch (HeaderAdder.add(head, name, nameLength, value, length)) {
      case ADDED -> true;
      case BAD_NAME ->
          valueError("a header's name is empty or has a character that is not allowed");
      case BAD_VALUE ->
          valueError(
              "the value of the header %s contains a control character"
                  .formatted(latin1(nameLength)));
      case BAD_LENGTH -> valueError("Content-Length must be a number of at most 18 digits");
      case LENGTHS_DIFFER -> valueError("Content-Length is given twice, and differently");
      case HOP_BY_HOP -> hopByHop(latin1(nameLength));
    };
  }

  private static boolean hopByHop(String name) {
    ErrorApi.raise(
        ErrorApi.Types.ASSERTION_ERROR,
        "the header %s belongs to the server: PEP 3333 forbids an application to set it"
            .formatted(name));
    return false;
  }

  private String latin1(int nameLength) {
    return new String(name, 0, nameLength, StandardCharsets.ISO_8859_1);
  }

  private static boolean isStr(long object) {
    return ObjectApi.is(object, UnicodeApi.TYPE);
  }

  /**
   * Copies the bytes that a str's characters stand for, and leaves their number in {@link #length}:
   * -1, with an exception set, if a character stands for no byte.
   */
  private byte[] text(long str, byte[] into, long slot) {
    long utf8 = UnicodeApi.utf8(str, slot);
    long size = utf8 == 0 ? -1 : Memory.getLong(slot);
    if (size >= 0 && size == UnicodeApi.length(str)) {
      byte[] target = room(into, size);
      Memory.copy(utf8, target, 0, (int) size);
      length = (int) size;
      return target;
    }
    ErrorApi.clear();
    long latin1 = UnicodeApi.asLatin1(str);
    if (latin1 == 0) {
      length = -1;
      return into;
    }
    byte[] bytes = BytesApi.toArray(latin1);
    ObjectApi.decRef(latin1);
    length = bytes.length;
    return bytes.length == 0 ? into : bytes;
  }

  private static byte[] room(byte[] array, long size) {
    return array.length >= size ? array : new byte[Math.toIntExact(size * 2)];
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }

  private static boolean typeError(String message, long object) {
    ErrorApi.raise(ErrorApi.Types.TYPE_ERROR, message + ", not " + UnicodeApi.typeName(object));
    return false;
  }

  private static boolean valueError(String message) {
    ErrorApi.raise(ErrorApi.Types.VALUE_ERROR, message);
    return false;
  }
}
