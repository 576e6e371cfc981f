package dev.sluice.server.exchange;

import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A header's name in lower case, shared by all requests that carry it; any thread.
 *
 * <p>Names get small numbers, so that protocols can keep what they derive from a name in an array.
 * Clients could send any number of names; from {@link #MOST} on, new ones are not shared and have
 * the number -1.
 */
public final class HeaderName {
  /** How many names are shared. */
  public static final int MOST = 1024;

  private static final Map<String, HeaderName> KNOWN = new ConcurrentHashMap<>();
  private static final AtomicReferenceArray<@Nullable HeaderName> BY_NUMBER =
      new AtomicReferenceArray<>(MOST);
  private static final Object LOCK = new Object();

  // The names that the server itself looks for: registered before any client can fill the table.
  public static final HeaderName ACCEPT = of("accept");
  public static final HeaderName CONNECTION = of("connection");
  public static final HeaderName CONTENT_LENGTH = of("content-length");
  public static final HeaderName CONTENT_TYPE = of("content-type");
  public static final HeaderName COOKIE = of("cookie");
  public static final HeaderName EXPECT = of("expect");
  public static final HeaderName FORWARDED = of("forwarded");
  public static final HeaderName HOST = of("host");
  public static final HeaderName PROXY = of("proxy");
  public static final HeaderName REFERER = of("referer");
  public static final HeaderName SEC_WEBSOCKET_EXTENSIONS = of("sec-websocket-extensions");
  public static final HeaderName SEC_WEBSOCKET_KEY = of("sec-websocket-key");
  public static final HeaderName SEC_WEBSOCKET_PROTOCOL = of("sec-websocket-protocol");
  public static final HeaderName SEC_WEBSOCKET_VERSION = of("sec-websocket-version");
  public static final HeaderName TRANSFER_ENCODING = of("transfer-encoding");
  public static final HeaderName UPGRADE = of("upgrade");
  public static final HeaderName USER_AGENT = of("user-agent");
  public static final HeaderName X_FORWARDED_FOR = of("x-forwarded-for");
  public static final HeaderName X_FORWARDED_PORT = of("x-forwarded-port");
  public static final HeaderName X_FORWARDED_PROTO = of("x-forwarded-proto");
  public static final HeaderName X_REQUEST_ID = of("x-request-id");

  private final String text;
  private final int number;

  private HeaderName(String text, int number) {
    this.text = text;
    this.number = number;
  }

  public static HeaderName of(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    HeaderName known = KNOWN.get(lower);
    return known != null ? known : add(lower);
  }

  private static HeaderName add(String lower) {
    synchronized (LOCK) {
      HeaderName known = KNOWN.get(lower);
      if (known == null) {
        int number = KNOWN.size();
        if (number >= MOST) {
          return new HeaderName(lower, -1);
        }
        known = new HeaderName(lower, number);
        BY_NUMBER.set(number, known);
        KNOWN.put(lower, known);
      }
      return known;
    }
  }

  /** The shared name with this number. */
  public static HeaderName ofNumber(int number) {
    return Objects.requireNonNull(BY_NUMBER.get(number));
  }

  /** Whether both stand for the same name; unlike identity also right for names not shared. */
  public boolean isSame(HeaderName other) {
    return this == other || (number < 0 && other.number < 0 && text.equals(other.text));
  }

  /** The name in lower case. */
  public String text() {
    return text;
  }

  /** Less than {@link #MOST}, or -1 for a name that is not shared. */
  public int number() {
    return number;
  }

  @Override
  public String toString() {
    return text;
  }
}
