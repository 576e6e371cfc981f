package dev.sluice.server.exchange;

import java.util.Arrays;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The first part of a request: written by the IO thread, then read by any. */
public final class RequestHead {
  private final String method;
  private final String target;
  private final String protocol;
  private HeaderName[] names = new HeaderName[12];
  private String[] values = new String[12];
  private int count;
  private boolean named;

  /**
   * Makes a head without headers.
   *
   * @param target as it was sent, undecoded
   * @param protocol such as {@code HTTP/1.1}
   */
  public RequestHead(String method, String target, String protocol) {
    this.method = method;
    this.target = target;
    this.protocol = protocol;
  }

  public void add(HeaderName name, String value) {
    if (count == names.length) {
      names = Arrays.copyOf(names, count * 2);
      values = Arrays.copyOf(values, count * 2);
    }
    names[count] = name;
    values[count++] = value;
  }

  /** Removes every header of this name; those that stay keep their order. */
  public void remove(HeaderName name) {
    removeIf(name::isSame);
  }

  /** Removes every header whose name is one of these; those that stay keep their order. */
  public void removeIf(Predicate<HeaderName> unwanted) {
    int kept = 0;
    for (int i = 0; i < count; i++) {
      if (!unwanted.test(names[i])) {
        names[kept] = names[i];
        values[kept++] = values[i];
      }
    }
    Arrays.fill(names, kept, count, null);
    Arrays.fill(values, kept, count, null);
    count = kept;
  }

  /** Notes that its X-Request-ID is the one that the server goes by. */
  public void setNamed() {
    named = true;
  }

  /** Whether the response has to tell the request's X-Request-ID. */
  public boolean isNamed() {
    return named;
  }

  public String method() {
    return method;
  }

  public String target() {
    return target;
  }

  public String protocol() {
    return protocol;
  }

  public int headerCount() {
    return count;
  }

  public HeaderName headerName(int index) {
    return names[index];
  }

  /** The value, whose characters stand for bytes (ISO 8859-1). */
  public String headerValue(int index) {
    return values[index];
  }

  /** The first value of the header, if it was sent. */
  public @Nullable String header(HeaderName name) {
    for (int i = 0; i < count; i++) {
      if (name.isSame(names[i])) {
        return values[i];
      }
    }
    return null;
  }

  /** How often the header was sent. */
  public int occurrences(HeaderName name) {
    int found = 0;
    for (int i = 0; i < count; i++) {
      if (name.isSame(names[i])) {
        found++;
      }
    }
    return found;
  }
}
