package dev.sluice.server.fuzz;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The header of the PROXY protocol, versions 1 and 2, as its specification has it. */
public final class StrictProxy {
  private static final byte[] SIGNATURE = {
    '\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'
  };
  private static final Pattern LINE =
      Pattern.compile("PROXY (TCP4|TCP6) ([^ ]+) ([^ ]+) (0|[1-9]\\d{0,4}) (0|[1-9]\\d{0,4})\r\n");
  private static final Pattern FOUR =
      Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(?:\\.(?!$)|$)){4}");

  private StrictProxy() {}

  /**
   * A header.
   *
   * @param length how many bytes it has
   * @param bare whether nothing is in it but what it has to have; a server may refuse others
   * @param source the client's address and port; null if those of the connection count
   */
  public record Header(int length, boolean bare, @Nullable String source) {}

  /** The header that these bytes begin with; null if they do not, or not with a whole one. */
  public static @Nullable Header read(byte[] bytes) {
    try {
      return bytes.length > 0 && bytes[0] == '\r' ? binary(bytes) : line(bytes);
    } catch (UnknownHostException e) {
      return null;
    }
  }

  private static @Nullable Header line(byte[] bytes) throws UnknownHostException {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int length = text.indexOf("\n") + 1;
    if (length < 2 || length > 107 || text.charAt(length - 2) != '\r') {
      return null;
    }
    String line = text.substring(0, length);
    if (line.equals("PROXY UNKNOWN\r\n") || line.startsWith("PROXY UNKNOWN ")) {
      return new Header(length, line.equals("PROXY UNKNOWN\r\n"), null);
    }
    Matcher matcher = LINE.matcher(line);
    if (!matcher.matches()
        || Integer.parseInt(matcher.group(4)) > 65_535
        || Integer.parseInt(matcher.group(5)) > 65_535) {
      return null;
    }
    boolean six = matcher.group(1).equals("TCP6");
    String source = address(matcher.group(2), six);
    String destination = address(matcher.group(3), six);
    return source == null || destination == null
        ? null
        : new Header(length, true, source + " " + matcher.group(4));
  }

  private static @Nullable String address(String text, boolean six) throws UnknownHostException {
    if (!six) {
      return FOUR.matcher(text).matches() ? text : null;
    }
    // Java asks no name server for what has a colon; it takes more than we do, such as scopes.
    return text.matches("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*") ? six(text) : null;
  }

  private static String six(String text) throws UnknownHostException {
    InetAddress address = InetAddress.getByName(text);
    return canonical(address.getAddress());
  }

  /** RFC 5952. */
  private static String canonical(byte[] address) {
    if (address.length == 4) {
      return (address[0] & 0xff)
          + "."
          + (address[1] & 0xff)
          + "."
          + (address[2] & 0xff)
          + "."
          + (address[3] & 0xff);
    }
    int[] groups = new int[8];
    for (int i = 0; i < 8; i++) {
      groups[i] = (address[2 * i] & 0xff) << 8 | (address[2 * i + 1] & 0xff);
    }
    int start = -1;
    int longest = 1;
    for (int i = 0; i < 8; i++) {
      int end = i;
      while (end < 8 && groups[end] == 0) {
        end++;
      }
      if (end - i > longest) {
        longest = end - i;
        start = i;
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      if (i == start) {
        text.append("::");
        i += longest - 1;
      } else {
        text.append(text.isEmpty() || text.toString().endsWith("::") ? "" : ":");
        text.append(Integer.toHexString(groups[i]));
      }
    }
    return text.toString();
  }

  private static @Nullable Header binary(byte[] bytes) throws UnknownHostException {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (in.remaining() < 16 || !Arrays.equals(bytes, 0, 12, SIGNATURE, 0, 12)) {
      return null;
    }
    int command = in.get(12);
    int family = in.get(13);
    int length = in.getShort(14) & 0xffff;
    if ((command != 0x20 && command != 0x21) || length > in.remaining() - 16) {
      return null;
    }
    int size =
        switch (family) {
          case 0 -> 0;
          case 0x11 -> 12;
          case 0x21 -> 36;
          case 0x31 -> 216;
          default -> -1;
        };
    if (command == 0x20 || family == 0) {
      return new Header(16 + length, length == 0, null);
    }
    if (size < 0 || length < size) {
      return null;
    }
    if (family == 0x31) {
      return new Header(16 + length, false, " 0");
    }
    int width = family == 0x11 ? 4 : 16;
    byte[] source = Arrays.copyOfRange(bytes, 16, 16 + width);
    int port = in.getShort(16 + 2 * width) & 0xffff;
    return new Header(16 + length, length == size, canonical(source) + " " + port);
  }
}
