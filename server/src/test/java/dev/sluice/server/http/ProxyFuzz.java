package dev.sluice.server.http;

import dev.sluice.server.exchange.Peer;
import dev.sluice.server.fuzz.Complaints;
import dev.sluice.server.fuzz.Input;
import dev.sluice.server.fuzz.StrictProxy;
import dev.sluice.server.fuzz.StrictRequests;
import dev.sluice.server.http.FuzzedApplication.Seen;
import dev.sluice.server.proxies.TrustedProxies;
import java.util.Arrays;
import java.util.List;

/**
 * Random bytes where a header of the PROXY protocol is wanted: what comes behind it, and whom it
 * names, are what its specification says.
 */
public final class ProxyFuzz {
  private static final ListenerOptions OPTIONS =
      ListenerOptions.plain(new BindAddress.Tcp("127.0.0.1", 0))
          .withProxies(TrustedProxies.of(List.of("127.0.0.1")));

  private ProxyFuzz() {}

  /** Takes one input of a fuzzer's. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    try (Complaints complaints = Complaints.watch()) {
      run(bytes);
      complaints.assertNone();
    }
  }

  private static void run(byte[] bytes) {
    Input input = new Input(bytes);
    FuzzedConnection connection = new FuzzedConnection(input, false);
    Arrival arrival =
        new Arrival(OPTIONS, connection.io(), connection.serving(), FuzzedConnection.PEER);
    connection.channel().pipeline().addLast(Arrival.NAME, arrival);
    arrival.begin();
    connection.run(input.pieces());
    byte[] sent = input.sent();
    StrictProxy.Header header = StrictProxy.read(sent);
    boolean silent =
        connection.application().all().isEmpty() && connection.channel().sent().length == 0;
    if (header == null || (silent && !header.bare())) {
      if (!silent) {
        throw new AssertionError("requests without a header of the proxy");
      }
    } else {
      byte[] behind = Arrays.copyOfRange(sent, header.length(), sent.length);
      Http1Fuzz.check(connection, StrictRequests.read(behind));
      for (Seen seen : connection.application().all()) {
        check(seen.exchange.peer(), header);
      }
    }
  }

  private static void check(Peer peer, StrictProxy.Header header) {
    String named = peer.remoteAddress() + " " + peer.remotePort();
    String expected = header.source();
    if (expected == null) {
      expected = FuzzedConnection.PEER.remoteAddress() + " " + FuzzedConnection.PEER.remotePort();
    }
    if (!named.equals(expected)) {
      throw new AssertionError("said to come from " + expected + ", taken for " + named);
    }
  }
}
