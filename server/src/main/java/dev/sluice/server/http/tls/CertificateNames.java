package dev.sluice.server.http.tls;

import dev.sluice.server.proxies.IpAddress;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Whom a certificate is for, by its subject alternative names; immutable, any thread. Names are
 * compared in lower case; {@code *.example.com} stands for exactly one more label.
 *
 * @param exact names without a wildcard
 * @param wildcards what follows the asterisk, with its dot
 * @param addresses IP addresses, which no client asks for by SNI
 */
record CertificateNames(Set<String> exact, Set<String> wildcards, Set<IpAddress> addresses) {
  private static final int DNS = 2;
  private static final int IP = 7;
  private static final int LONGEST = 253;

  static CertificateNames of(X509Certificate certificate) {
    Set<String> exact = new HashSet<>();
    Set<String> wildcards = new HashSet<>();
    Set<IpAddress> addresses = new HashSet<>();
    for (List<?> name : alternativeNames(certificate)) {
      if (name.get(0) instanceof Integer kind && name.get(1) instanceof String value) {
        String lower = value.toLowerCase(Locale.ROOT);
        if (kind == DNS && lower.startsWith("*.")) {
          wildcards.add(lower.substring(1));
        } else if (kind == DNS) {
          exact.add(lower);
        } else if (kind == IP) {
          IpAddress address = IpAddress.parse(lower);
          if (address != null) {
            addresses.add(address);
          }
        }
      }
    }
    return new CertificateNames(Set.copyOf(exact), Set.copyOf(wildcards), Set.copyOf(addresses));
  }

  private static Collection<List<?>> alternativeNames(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      return names == null ? List.of() : names;
    } catch (CertificateParsingException e) {
      return List.of();
    }
  }

  /** Whether a wildcard stands for the name, which is in lower case. */
  boolean matchesWildcard(String name) {
    int dot = name.indexOf('.');
    return dot > 0 && wildcards.contains(name.substring(dot));
  }

  /** Whether the certificate is for this host: a name, an IPv4 address, an IPv6 one in brackets. */
  boolean covers(String host) {
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    IpAddress address = IpAddress.parse(bracketed ? host.substring(1, host.length() - 1) : host);
    if (address != null) {
      // An IPv6 address without brackets could not be told from a port.
      return bracketed == (host.indexOf(':') >= 0) && addresses.contains(address);
    }
    String name = canonical(host);
    return !name.isEmpty() && (exact.contains(name) || matchesWildcard(name));
  }

  /** A host name in lower case without a dot at its end; empty if it is none. */
  static String canonical(String name) {
    int length = name.length() - (name.endsWith(".") ? 1 : 0);
    if (length < 1 || length > LONGEST) {
      return "";
    }
    for (int i = 0; i < length; i++) {
      char c = name.charAt(i);
      boolean allowed =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '-'
              || c == '_'
              || (c == '.' && i > 0 && name.charAt(i - 1) != '.');
      if (!allowed) {
        return "";
      }
    }
    return name.substring(0, length).toLowerCase(Locale.ROOT);
  }
}
