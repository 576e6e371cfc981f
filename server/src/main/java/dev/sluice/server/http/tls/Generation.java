package dev.sluice.server.http.tls;

import dev.sluice.python.SluiceException;
import dev.sluice.server.ServerError;
import io.netty.handler.ssl.SslContext;
import io.netty.util.ReferenceCountUtil;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLException;

/**
 * What was read from the files at one time; immutable but for its end. Made by a thread that may
 * block, then read by any.
 */
final class Generation {
  private final List<Entry> entries;
  private final Map<String, SslContext> byName = new HashMap<>();

  private record Entry(CertificateNames names, SslContext context) {}

  private Generation(List<Entry> entries) {
    this.entries = entries;
    for (Entry entry : entries) {
      entry.names().exact().forEach(name -> byName.putIfAbsent(name, entry.context()));
    }
  }

  /**
   * Reads and checks all files.
   *
   * @throws SluiceException SL330 to SL335; nothing is left behind then
   */
  static Generation load(TlsOptions options, TlsEngine engine) {
    Path ca = options.clientCa();
    List<X509Certificate> cas =
        ca == null ? List.of() : CertificateFile.read(ca, ServerError.CLIENT_CA_UNREADABLE);
    List<Entry> entries = new ArrayList<>();
    try {
      for (TlsOptions.Files files : options.certificates()) {
        Identity identity = Identity.load(files, options.keyPassword());
        entries.add(new Entry(identity.names(), context(files, identity, cas, engine)));
      }
    } catch (RuntimeException e) {
      entries.forEach(entry -> ReferenceCountUtil.release(entry.context()));
      throw e;
    }
    return new Generation(List.copyOf(entries));
  }

  private static SslContext context(
      TlsOptions.Files files, Identity identity, List<X509Certificate> cas, TlsEngine engine) {
    try {
      return engine.newContext(identity, cas);
    } catch (SSLException | IllegalArgumentException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new SluiceException(
          ServerError.CERTIFICATE_UNUSABLE,
          "the certificate in %s cannot be used for TLS: %s. Use another certificate or key."
              .formatted(files.certificate(), cause.getMessage()),
          e);
    }
  }

  /**
   * What a client gets that asks for this name: an exact match, else a wildcard's, else the first.
   *
   * @param name in lower case; empty if it asked for none
   */
  SslContext pick(String name) {
    SslContext exact = byName.get(name);
    if (exact != null) {
      return exact;
    }
    for (Entry entry : entries) {
      if (entry.names().matchesWildcard(name)) {
        return entry.context();
      }
    }
    return entries.getFirst().context();
  }

  boolean covers(String host) {
    return entries.stream().anyMatch(entry -> entry.names().covers(host));
  }

  /** Lets the library's memory go once the last connection has ended. */
  void release() {
    entries.forEach(entry -> ReferenceCountUtil.release(entry.context()));
  }
}
