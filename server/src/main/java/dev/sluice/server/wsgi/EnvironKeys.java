package dev.sluice.server.wsgi;

import dev.sluice.server.exchange.HeaderName;
import java.util.Locale;

/**
 * The environ's keys by number: those of CGI, WSGI and TLS, then one for each shared header name;
 * any thread.
 */
final class EnvironKeys {
  static final int REQUEST_METHOD = 0;
  static final int PATH_INFO = 1;
  static final int QUERY_STRING = 2;
  static final int REQUEST_URI = 3;
  static final int CONTENT_TYPE = 4;
  static final int CONTENT_LENGTH = 5;
  static final int SERVER_NAME = 6;
  static final int SERVER_PORT = 7;
  static final int SERVER_PROTOCOL = 8;
  static final int REMOTE_ADDR = 9;
  static final int REMOTE_PORT = 10;
  static final int URL_SCHEME = 11;
  static final int HTTPS = 12;
  static final int SSL_PROTOCOL = 13;
  static final int SSL_CIPHER = 14;
  static final int SSL_TLS_SNI = 15;
  static final int SSL_CLIENT_VERIFY = 16;
  static final int SSL_CLIENT_CERT = 17;
  static final int SSL_CLIENT_S_DN = 18;
  static final int SSL_CLIENT_I_DN = 19;
  static final int SSL_CLIENT_M_SERIAL = 20;

  private static final String[] CGI = {
    "REQUEST_METHOD",
    "PATH_INFO",
    "QUERY_STRING",
    "REQUEST_URI",
    "CONTENT_TYPE",
    "CONTENT_LENGTH",
    "SERVER_NAME",
    "SERVER_PORT",
    "SERVER_PROTOCOL",
    "REMOTE_ADDR",
    "REMOTE_PORT",
    "wsgi.url_scheme",
    "HTTPS",
    "SSL_PROTOCOL",
    "SSL_CIPHER",
    "SSL_TLS_SNI",
    "SSL_CLIENT_VERIFY",
    "SSL_CLIENT_CERT",
    "SSL_CLIENT_S_DN",
    "SSL_CLIENT_I_DN",
    "SSL_CLIENT_M_SERIAL"
  };

  /** How many keys there can be. */
  static final int MOST = CGI.length + HeaderName.MOST;

  private EnvironKeys() {}

  /** The key of a header, whose name has a number. */
  static int ofHeader(HeaderName name) {
    return CGI.length + name.number();
  }

  /** The key itself. */
  static String text(int key) {
    return key < CGI.length ? CGI[key] : textOfHeader(HeaderName.ofNumber(key - CGI.length));
  }

  /** The key of a header whose name has no number. */
  static String textOfHeader(HeaderName name) {
    return "HTTP_" + name.text().toUpperCase(Locale.ROOT).replace('-', '_');
  }
}
