package dev.sluice.server.proxies;

import dev.sluice.python.SluiceException;
import dev.sluice.server.ServerError;
import dev.sluice.server.exchange.Peer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The addresses whose word about others is taken; immutable, any thread.
 *
 * <p>A question costs about as much as reading the address and going through the list once, some
 * ten nanoseconds and one for each network.
 */
public final class TrustedProxies {
  /** Nobody is trusted: the default. */
  public static final TrustedProxies NONE = new TrustedProxies(List.of(), false, false);

  private final Network[] networks;
  private final boolean everybody;
  private final boolean unix;

  private TrustedProxies(List<Network> networks, boolean everybody, boolean unix) {
    this.networks = networks.toArray(new Network[0]);
    this.everybody = everybody;
    this.unix = unix;
  }

  /** All addresses whose first {@code bits} (of 128) are these. */
  private record Network(long high, long low, int bits) {
    boolean contains(IpAddress address) {
      // An IPv6 network that is wider than all of IPv4 does not mean IPv4.
      return !(bits < 96 && address.isFour())
          && (address.high() & highMask(bits)) == high
          && (address.low() & lowMask(bits)) == low;
    }

    static long highMask(int bits) {
      return bits >= 64 ? -1L : bits == 0 ? 0 : -1L << (64 - bits);
    }

    static long lowMask(int bits) {
      return bits <= 64 ? 0 : -1L << (128 - bits);
    }
  }

  /**
   * Reads addresses ({@code 10.1.2.3}), networks ({@code 10.0.0.0/8}, {@code fd00::/8}), {@code
   * unix} for whoever connects by a unix socket, and {@code *} for whoever connects at all.
   *
   * @throws SluiceException (SL310) if one of them is nothing of that
   */
  public static TrustedProxies of(Collection<String> texts) {
    List<Network> networks = new ArrayList<>();
    boolean everybody = false;
    boolean unix = false;
    for (String text : texts) {
      switch (text) {
        case "*" -> everybody = true;
        case "unix" -> unix = true;
        default -> networks.add(network(text));
      }
    }
    return texts.isEmpty() ? NONE : new TrustedProxies(networks, everybody, unix);
  }

  private static Network network(String text) {
    int slash = text.indexOf('/');
    IpAddress address = IpAddress.parse(text, 0, slash < 0 ? text.length() : slash);
    if (address == null) {
      throw refuse(text, "Write an address, a network such as 10.0.0.0/8 or fd00::/8, unix, or *.");
    }
    boolean dotted = text.indexOf(':') < 0;
    int most = dotted ? 32 : 128;
    int bits = slash < 0 ? most : number(text, slash + 1);
    if (bits < 0 || bits > most) {
      throw refuse(text, "What follows the slash is a number of bits, at most " + most + ".");
    }
    int all = dotted ? bits + 96 : bits;
    long high = address.high() & Network.highMask(all);
    long low = address.low() & Network.lowMask(all);
    if (high != address.high() || low != address.low()) {
      IpAddress first = new IpAddress(high, low);
      // A wide IPv6 network may begin where the spelling of IPv4 would be wrong.
      String meant = first.isFour() == dotted ? first.text() + "/" + bits : "a network's beginning";
      throw refuse(
          text, "Bits behind the first " + bits + " are set. Perhaps " + meant + " is meant.");
    }
    return new Network(high, low, all);
  }

  /** Up to three digits without a leading zero, or -1. */
  private static int number(String text, int from) {
    int digits = text.length() - from;
    if (digits < 1 || digits > 3 || (digits > 1 && text.charAt(from) == '0')) {
      return -1;
    }
    int number = 0;
    for (int i = from; i < text.length(); i++) {
      if (!IpAddress.isDigit(text.charAt(i))) {
        return -1;
      }
      number = number * 10 + text.charAt(i) - '0';
    }
    return number;
  }

  private static SluiceException refuse(String text, String mend) {
    return new SluiceException(
        ServerError.TRUSTED_PROXIES_INVALID,
        "\"%s\" is no trusted proxy. %s".formatted(text, mend));
  }

  /** Whether whoever has connected may speak for others. */
  public boolean trusts(Peer connection) {
    if (everybody) {
      return true;
    }
    String address = connection.remoteAddress();
    if (address.isEmpty()) {
      return unix;
    }
    if (networks.length == 0) {
      return false;
    }
    int zone = address.indexOf('%');
    return contains(IpAddress.parse(address, 0, zone < 0 ? address.length() : zone));
  }

  /**
   * Whether an address is one of the networks'. {@code *} does not count here: if everybody were a
   * proxy, the one who began a chain could write any address into it.
   */
  public boolean contains(@Nullable IpAddress address) {
    if (address != null) {
      for (Network network : networks) {
        if (network.contains(address)) {
          return true;
        }
      }
    }
    return false;
  }
}
