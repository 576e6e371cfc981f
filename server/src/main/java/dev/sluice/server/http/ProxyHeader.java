package dev.sluice.server.http;

import dev.sluice.server.exchange.Peer;
import dev.sluice.server.proxies.IpAddress;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyProtocolException;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol.TransportProtocol;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Netty's decoder of the PROXY protocol, versions 1 and 2, without its lenience; on the
 * connection's {@code sluice-io} thread.
 *
 * <p>Netty waits for more where the first bytes are wrong already, and takes lines that are too
 * long, more than one space between words, and numbers with a sign. So each header is looked at
 * before it gets it.
 */
final class ProxyHeader extends HAProxyMessageDecoder {
  /** What a proxy may say beside the addresses, which is not used. */
  private static final int LARGEST_EXTRAS = 4096;

  private static final int LONGEST_LINE = 107;
  private static final byte[] TEXT = "PROXY ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] BINARY = {
    '\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'
  };

  private boolean checked;
  private boolean refused;

  ProxyHeader() {
    super(LARGEST_EXTRAS);
  }

  @Override
  protected void callDecode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    if (refused) {
      in.skipBytes(in.readableBytes());
      return;
    }
    try {
      checked = checked || check(in);
    } catch (HAProxyProtocolException e) {
      refused = true;
      throw e;
    }
    if (checked) {
      super.callDecode(context, in, out);
    }
  }

  /** Whether the header is here, as far as Netty has to see it; throws if it cannot become one. */
  private static boolean check(ByteBuf in) {
    if (!in.isReadable()) {
      return false;
    }
    boolean binary = in.getByte(in.readerIndex()) == BINARY[0];
    byte[] beginning = binary ? BINARY : TEXT;
    for (int i = 0; i < Math.min(beginning.length, in.readableBytes()); i++) {
      if (in.getByte(in.readerIndex() + i) != beginning[i]) {
        throw new HAProxyProtocolException("it does not begin with a header of the PROXY protocol");
      }
    }
    return in.readableBytes() > beginning.length && (binary || checkLine(in));
  }

  private static boolean checkLine(ByteBuf in) {
    int end = in.indexOf(in.readerIndex(), in.writerIndex(), (byte) '\n');
    int length = (end < 0 ? in.writerIndex() : end + 1) - in.readerIndex();
    if (length > LONGEST_LINE) {
      throw new HAProxyProtocolException("its PROXY line is too long");
    }
    if (end < 0) {
      return false;
    }
    String line = in.toString(in.readerIndex(), length, StandardCharsets.ISO_8859_1);
    if (!line.endsWith("\r\n")) {
      throw new HAProxyProtocolException("its PROXY line does not end with CR LF");
    }
    String[] words = line.substring(0, length - 2).split(" ", -1);
    if (words[1].equals("UNKNOWN")) {
      return true; // what follows is to be ignored
    }
    if (words.length != 6 || !isPort(words[4]) || !isPort(words[5])) {
      throw new HAProxyProtocolException("its PROXY line is malformed");
    }
    return true;
  }

  /** A number from 0 to 65535 as one writes it. */
  private static boolean isPort(String text) {
    if (text.isEmpty() || text.length() > 5 || (text.length() > 1 && text.charAt(0) == '0')) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return Integer.parseInt(text) <= 65_535;
  }

  /**
   * The two ends that a header names, or those of the connection where it names none (LOCAL,
   * UNKNOWN). Clients of a proxy's unix socket have no address.
   *
   * @throws HAProxyProtocolException if they are no ends of a TCP connection
   */
  static Peer peer(HAProxyMessage header, Peer connection) {
    HAProxyProxiedProtocol protocol = header.proxiedProtocol();
    if (header.command() == HAProxyCommand.LOCAL || protocol == HAProxyProxiedProtocol.UNKNOWN) {
      return connection;
    }
    if (protocol.transportProtocol() != TransportProtocol.STREAM) {
      throw new HAProxyProtocolException("its header names a connection that is not TCP");
    }
    if (protocol == HAProxyProxiedProtocol.UNIX_STREAM) {
      return new Peer("", 0, "", 0, "http", null);
    }
    boolean six = protocol == HAProxyProxiedProtocol.TCP6;
    return new Peer(
        address(header.sourceAddress(), six),
        header.sourcePort(),
        address(header.destinationAddress(), six),
        header.destinationPort(),
        "http",
        null);
  }

  private static String address(String text, boolean six) {
    IpAddress address = IpAddress.parse(text);
    if (address == null || six != (text.indexOf(':') >= 0)) {
      throw new HAProxyProtocolException("its header has an address that is none");
    }
    return address.text();
  }
}
