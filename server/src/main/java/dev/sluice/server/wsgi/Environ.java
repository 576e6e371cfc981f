package dev.sluice.server.wsgi;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.HeaderName;
import dev.sluice.server.exchange.Peer;
import dev.sluice.server.exchange.PercentDecoder;
import dev.sluice.server.exchange.RequestHead;
import dev.sluice.server.exchange.RequestTarget;
import dev.sluice.server.exchange.RootPath;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What a request adds to the environ, worked out on the IO thread and without Python: the numbers
 * of its keys, and the bytes of its values, one behind the other.
 *
 * <p>A str of PEP 3333 is made of characters that stand for bytes; so is every value here.
 */
final class Environ {

  private int[] keys = new int[32];
  private int[] ends = new int[32];
  private byte[] bytes = new byte[512];
  private final Map<Integer, String> unshared = new HashMap<>(0);
  private int count;
  private int length;

  private Environ() {}

  static Environ of(Exchange exchange, RootPath rootPath) {
    Environ environ = new Environ();
    RequestHead head = exchange.request();
    environ.add(EnvironKeys.REQUEST_METHOD, head.method());
    environ.addTarget(head.target(), rootPath);
    environ.add(EnvironKeys.SERVER_PROTOCOL, head.protocol());
    // Never empty (PEP 3333): a unix socket has neither.
    Peer peer = exchange.peer();
    boolean named = !peer.localAddress().isEmpty();
    environ.add(EnvironKeys.SERVER_NAME, named ? peer.localAddress() : "localhost");
    environ.add(EnvironKeys.SERVER_PORT, named ? Integer.toString(peer.localPort()) : "80");
    environ.add(EnvironKeys.REMOTE_ADDR, peer.remoteAddress());
    environ.add(EnvironKeys.REMOTE_PORT, Integer.toString(peer.remotePort()));
    TlsEnviron.add(environ, peer);
    environ.addHeaders(head, exchange.body().length());
    return environ;
  }

  /** Splits the target into PATH_INFO (decoded, below the root path) and QUERY_STRING. */
  private void addTarget(String target, RootPath rootPath) {
    add(EnvironKeys.REQUEST_URI, target);
    int start = RequestTarget.pathStart(target);
    int question = target.indexOf('?', start);
    int pathEnd = question < 0 ? target.length() : question;
    int pathStart = Math.max(start, rootPath.ownPart(target, start, pathEnd));
    ensure(pathEnd - pathStart + 1);
    length = PercentDecoder.decode(target, pathStart, pathEnd, bytes, length);
    if (start == pathEnd) {
      bytes[length++] = '/'; // http://host or http://host?query, without a path
    }
    end(EnvironKeys.PATH_INFO);
    add(EnvironKeys.QUERY_STRING, question < 0 ? "" : target.substring(question + 1));
  }

  private void addHeaders(RequestHead head, long bodyLength) {
    for (int i = 0; i < head.headerCount(); i++) {
      HeaderName name = head.headerName(i);
      if (name == HeaderName.CONTENT_LENGTH
          || name == HeaderName.TRANSFER_ENCODING
          || name == HeaderName.PROXY) {
        continue; // (HTTP_PROXY is what many HTTP clients take as an instruction: "httpoxy")
      }
      if (firstOccurrence(head, i) < i) {
        continue; // joined to the first
      }
      // A name with an underscore would look like the same name with a dash.
      if (name.text().indexOf('_') >= 0) {
        continue;
      }
      append(head.headerValue(i));
      appendRepeats(head, i, name == HeaderName.COOKIE ? "; " : ",");
      if (name.number() >= 0) {
        end(
            name == HeaderName.CONTENT_TYPE
                ? EnvironKeys.CONTENT_TYPE
                : EnvironKeys.ofHeader(name));
      } else {
        unshared.put(count, EnvironKeys.textOfHeader(name));
        end(-1);
      }
    }
    if (bodyLength > 0 || head.header(HeaderName.CONTENT_LENGTH) != null) {
      add(EnvironKeys.CONTENT_LENGTH, Long.toString(bodyLength));
    }
  }

  private static int firstOccurrence(RequestHead head, int index) {
    HeaderName name = head.headerName(index);
    for (int i = 0; i < index; i++) {
      if (head.headerName(i).isSame(name)) {
        return i;
      }
    }
    return index;
  }

  private void appendRepeats(RequestHead head, int index, String separator) {
    HeaderName name = head.headerName(index);
    for (int i = index + 1; i < head.headerCount(); i++) {
      if (head.headerName(i).isSame(name)) {
        append(separator);
        append(head.headerValue(i));
      }
    }
  }

  void add(int key, String value) {
    append(value);
    end(key);
  }

  // The deprecated method is the one that copies the low bytes and does nothing else, which is what
  // characters that stand for bytes need.
  @SuppressWarnings("deprecation")
  private void append(String value) {
    int size = value.length();
    ensure(size);
    value.getBytes(0, size, bytes, length);
    length += size;
  }

  private void end(int key) {
    if (count == keys.length) {
      keys = Arrays.copyOf(keys, count * 2);
      ends = Arrays.copyOf(ends, count * 2);
    }
    keys[count] = key;
    ends[count++] = length;
  }

  private void ensure(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, bytes.length * 2));
    }
  }

  int count() {
    return count;
  }

  /** The number of the key, for {@link EnvironKeys}, or -1 if {@link #keyText} has to be used. */
  int key(int index) {
    return keys[index];
  }

  /** The key, where it has no number. */
  String keyText(int index) {
    return Objects.requireNonNull(unshared.get(index));
  }

  /** Where the value ends in {@link #bytes}; it begins where the one before ends. */
  int valueEnd(int index) {
    return ends[index];
  }

  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }
}
