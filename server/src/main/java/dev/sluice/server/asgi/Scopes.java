package dev.sluice.server.asgi;

import dev.sluice.python.Attached;
import dev.sluice.python.PyObject;
import dev.sluice.python.capi.ContainerApi;
import dev.sluice.python.capi.NumberApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;
import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.Peer;
import dev.sluice.server.exchange.RequestHead;
import dev.sluice.server.exchange.RootPath;
import dev.sluice.server.exchange.TlsDetails;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes the scope of a request: a copy of what all of its kind have in common, and what is its own;
 * on the loop's thread, attached.
 */
final class Scopes {
  /** Those that come again and again; clients may send any other. */
  private static final List<String> METHODS =
      List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

  private final Names names;
  private final PyObject bases;
  private final PyObject withTls;
  private final HeaderTuples headers = new HeaderTuples();
  private final TargetParts.Cache targets;
  private final Map<String, Long> methods = new HashMap<>();

  /** The base for each kind of scope, version of HTTP and scheme. */
  private final Map<String, Long> known = new HashMap<>();

  private @Nullable PyObject state;
  private @Nullable Peer lastPeer;
  private long lastClient;
  private String lastLocal = "";
  private int lastPort = -1;
  private long lastServer;
  private @Nullable TlsDetails lastTls;
  private long lastExtensions;

  /**
   * Makes them for one application.
   *
   * @param helpers the module sluice._asgi_scopes
   */
  Scopes(Names names, PyObject helpers, RootPath rootPath) {
    this.names = names;
    bases = helpers.attr("base").call(rootPath.text());
    withTls = helpers.attr("with_tls");
    targets = new TargetParts.Cache(rootPath);
    for (String method : METHODS) {
      methods.put(method, UnicodeApi.intern(method));
    }
  }

  /** Gives each scope a copy of that dict from now on. */
  void setState(PyObject newState) {
    state = newState;
  }

  /** A new scope of a request; null with an exception set. */
  long http(Attached py, Exchange exchange) {
    RequestHead head = exchange.request();
    long scope = common(py, "http", exchange);
    if (scope == 0) {
      return 0;
    }
    Long method = methods.get(head.method());
    boolean complete =
        method != null
            ? put(scope, names.method, method)
            : give(scope, names.method, UnicodeApi.fromString(head.method()));
    if (!complete) {
      ObjectApi.decRef(scope);
      return 0;
    }
    return scope;
  }

  /** What scopes of requests and of WebSockets have in common; null with an exception set. */
  long common(Attached py, String kind, Exchange exchange) {
    RequestHead head = exchange.request();
    Peer peer = exchange.peer();
    long base = base(kind, head.protocol(), peer.scheme());
    long scope = base == 0 ? 0 : ContainerApi.copyDict(base);
    if (scope == 0) {
      return 0;
    }
    TargetParts target = targets.of(head.target());
    PyObject shared = state;
    boolean complete =
        !target.isMissing()
            && put(scope, names.path, target.path())
            && put(scope, names.rawPath, target.rawPath())
            && put(scope, names.queryString, target.query())
            && give(scope, names.headers, headers.list(head))
            && put(scope, names.client, client(peer))
            && put(scope, names.server, server(peer))
            && give(scope, names.asgi, copy(base, names.asgi))
            && (shared == null || give(scope, names.state, ContainerApi.copyDict(shared.address())))
            && give(scope, names.extensions, extensions(py, base, peer.tls()));
    if (!complete) {
      ObjectApi.decRef(scope);
      return 0;
    }
    return scope;
  }

  private long base(String kind, String protocol, String scheme) {
    String key = kind + protocol + scheme;
    Long found = known.get(key);
    if (found != null) {
      return found;
    }
    String version = protocol.substring("HTTP/".length());
    try (PyObject made = bases.call(kind, version, scheme)) {
      long base = made.address();
      ObjectApi.incRef(base);
      known.put(key, base);
      return base;
    }
  }

  /** A tuple of address and port, kept for the next request of the connection; borrowed. */
  private long client(Peer peer) {
    if (peer.remoteAddress().isEmpty()) {
      return ObjectApi.NONE;
    }
    if (peer != lastPeer) {
      long made = pair(peer.remoteAddress(), peer.remotePort());
      ObjectApi.decRef(lastClient);
      lastClient = made;
      lastPeer = peer;
    }
    return lastClient;
  }

  private long server(Peer peer) {
    if (peer.localAddress().isEmpty()) {
      return ObjectApi.NONE;
    }
    if (peer.localPort() != lastPort || !peer.localAddress().equals(lastLocal)) {
      long made = pair(peer.localAddress(), peer.localPort());
      ObjectApi.decRef(lastServer);
      lastServer = made;
      lastLocal = peer.localAddress();
      lastPort = peer.localPort();
    }
    return lastServer;
  }

  /** Whoever changes a dict in a scope changes that scope only. */
  private static long copy(long dict, long key) {
    return ContainerApi.copyDict(ContainerApi.getDictItem(dict, key));
  }

  /** A copy of the base's extensions, with what TLS has agreed on for the connection. */
  private long extensions(Attached py, long base, @Nullable TlsDetails details) {
    if (details == null) {
      return copy(base, names.extensions);
    }
    if (details == lastTls) {
      return ContainerApi.copyDict(lastExtensions);
    }
    long common = ContainerApi.getDictItem(base, names.extensions);
    List<String> chain = details.clientCertificates().stream().map(TlsDetails::pem).toList();
    String own =
        details.serverCertificate() == null ? null : TlsDetails.pem(details.serverCertificate());
    String subject =
        chain.isEmpty()
            ? null
            : details.clientCertificates().getFirst().getSubjectX500Principal().getName();
    ObjectApi.incRef(common);
    try (PyObject shared = py.own(common);
        PyObject made =
            withTls.call(shared, details.version(), details.cipher(), own, chain, subject)) {
      ObjectApi.decRef(lastExtensions);
      lastExtensions = made.address();
      ObjectApi.incRef(lastExtensions);
      lastTls = details;
      return ContainerApi.copyDict(lastExtensions);
    }
  }

  private static long pair(String address, int port) {
    long tuple = ContainerApi.newTuple(2);
    if (tuple != 0) {
      ContainerApi.setTupleItem(tuple, 0, UnicodeApi.fromString(address));
      ContainerApi.setTupleItem(tuple, 1, NumberApi.fromLong(port));
    }
    return tuple;
  }

  /** Stores a borrowed value. */
  static boolean put(long dict, long key, long value) {
    return value != 0 && ContainerApi.addDictItemQuick(dict, key, value) == 0;
  }

  /** Stores a new reference, and gives it up. */
  static boolean give(long dict, long key, long value) {
    boolean done = put(dict, key, value);
    ObjectApi.decRef(value);
    return done;
  }
}
