package dev.sluice.server.exchange;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;

/**
 * Checks the headers of an application's response and adds them to its head, whatever interface the
 * application speaks; no state, any thread.
 */
public final class HeaderAdder {
  /** What became of a header. */
  public enum Verdict {
    ADDED,
    /** The name is empty or has a character that is not allowed. */
    BAD_NAME,
    /** The value has a control character. */
    BAD_VALUE,
    /** The Content-Length is no number of at most 18 digits. */
    BAD_LENGTH,
    /** There are two of Content-Length, and they differ. */
    LENGTHS_DIFFER,
    /**
     * The header is about the connection, which is the server's; it was not added. Of those, the
     * wish to close it is noted.
     */
    HOP_BY_HOP
  }

  private static final Set<String> HOP_BY_HOP =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authorization",
          "proxy-connection",
          "te",
          "trailer",
          "trailers",
          "transfer-encoding",
          "upgrade");

  private HeaderAdder() {}

  /** Adds a header, unless something is wrong with it. */
  public static Verdict add(
      ResponseHead head, byte[] name, int nameLength, byte[] value, int valueLength) {
    if (!isToken(name, nameLength)) {
      return Verdict.BAD_NAME;
    }
    if (!isFieldText(value, valueLength)) {
      return Verdict.BAD_VALUE;
    }
    return switch (name[0] | 0x20) {
      case 'c', 'd', 's', 'k', 'p', 't', 'u' ->
          addSpecial(head, name, nameLength, value, valueLength);
      default -> {
        head.header(name, nameLength, value, valueLength);
        yield Verdict.ADDED;
      }
    };
  }

  /** One whose name begins like that of a header which the server has to know of. */
  private static Verdict addSpecial(
      ResponseHead head, byte[] name, int nameLength, byte[] value, int valueLength) {
    if (isName(name, nameLength, "content-length")) {
      return addLength(head, name, value, valueLength);
    }
    if (isName(name, nameLength, "date")) {
      head.declareDate();
    } else if (isName(name, nameLength, "server")) {
      head.declareServer();
    } else if (!isName(name, nameLength, "content-type")) {
      String lower =
          new String(name, 0, nameLength, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
      if (HOP_BY_HOP.contains(lower)) {
        if (lower.equals("connection") && hasOption(value, valueLength, "close")) {
          head.declareClose();
        }
        return Verdict.HOP_BY_HOP;
      }
    }
    head.header(name, nameLength, value, valueLength);
    return Verdict.ADDED;
  }

  /** Said once is enough, and a response without content has no length (RFC 9110, 8.6). */
  private static Verdict addLength(ResponseHead head, byte[] name, byte[] value, int valueLength) {
    if (valueLength == 0 || valueLength > 18) {
      return Verdict.BAD_LENGTH;
    }
    long declared = 0;
    for (int i = 0; i < valueLength; i++) {
      if (value[i] < '0' || value[i] > '9') {
        return Verdict.BAD_LENGTH;
      }
      declared = declared * 10 + value[i] - '0';
    }
    long before = head.contentLength();
    if (before >= 0 && before != declared) {
      return Verdict.LENGTHS_DIFFER;
    }
    head.declareContentLength(declared);
    boolean hasContent = head.status() >= 200 && head.status() != 204;
    if (before < 0 && hasContent) {
      head.header(name, "content-length".length(), value, valueLength);
    }
    return Verdict.ADDED;
  }

  /** Whether a comma-separated list has this word. */
  private static boolean hasOption(byte[] value, int valueLength, String option) {
    for (String each :
        new String(value, 0, valueLength, StandardCharsets.ISO_8859_1).split(",", -1)) {
      if (each.strip().equalsIgnoreCase(option)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isName(byte[] name, int length, String lower) {
    if (length != lower.length()) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      int c = name[i] >= 'A' && name[i] <= 'Z' ? name[i] | 0x20 : name[i];
      if (c != lower.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** No control characters but a tab: a line break would let an application's data add headers. */
  public static boolean isFieldText(byte[] text, int length) {
    for (int i = 0; i < length; i++) {
      byte b = text[i];
      if ((b >= 0 && b < ' ' && b != '\t') || b == 0x7f) {
        return false;
      }
    }
    return true;
  }

  private static boolean isToken(byte[] text, int length) {
    for (int i = 0; i < length; i++) {
      byte b = text[i];
      if (b <= ' ' || b == 0x7f || "\"(),/:;<=>?@[\\]{}".indexOf(b) >= 0) {
        return false;
      }
    }
    return length > 0;
  }
}
