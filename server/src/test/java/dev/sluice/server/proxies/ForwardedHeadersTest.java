package dev.sluice.server.proxies;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.exchange.Allocations;
import dev.sluice.server.exchange.HeaderName;
import dev.sluice.server.exchange.Peer;
import dev.sluice.server.exchange.RequestHead;
import dev.sluice.server.proxies.ForwardedHeaders.Kind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is believed, and what the application sees of the headers. */
class ForwardedHeadersTest {
  private static final Peer PROXY = new Peer("10.0.0.1", 5000, "10.0.0.9", 8000, "http", null);
  private static final Peer STRANGER =
      new Peer("203.0.113.9", 5000, "10.0.0.9", 8000, "http", null);
  private static final TrustedProxies TEN = TrustedProxies.of(List.of("10.0.0.0/8", "fd00::/8"));

  private static RequestHead head(String... headers) {
    RequestHead head = new RequestHead("GET", "/", "HTTP/1.1");
    for (int i = 0; i < headers.length; i += 2) {
      head.add(HeaderName.of(headers[i]), headers[i + 1]);
    }
    return head;
  }

  private static List<String> names(RequestHead head) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < head.headerCount(); i++) {
      names.add(head.headerName(i).text());
    }
    return names;
  }

  private static String seen(RequestHead head, Kind kind) {
    Peer peer = new ForwardedHeaders(TEN, kind).apply(head, PROXY);
    assertThat(peer.localAddress()).isEqualTo("10.0.0.9");
    return peer.remoteAddress() + " " + peer.remotePort() + " " + peer.scheme();
  }

  private static String seen(String... headers) {
    return seen(head(headers), Kind.EITHER);
  }

  // What an application would take for the truth, were it not removed.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Forwarded",
        "X-Forwarded",
        "X-Forwarded-For",
        "X-Forwarded-Proto",
        "X-Forwarded-Host",
        "X-Forwarded-Port",
        "X-Forwarded-Prefix",
        "X-Forwarded-Server",
        "X-Forwarded-Ssl",
        "X-Forwarded-Scheme",
        "X-Forwarded-Client-Cert",
        "X-Forwarded-Anything-New",
        "X-Real-IP",
        "X-Client-IP",
        "True-Client-IP",
        "CF-Connecting-IP",
        "X-Scheme",
        "X-Url-Scheme",
        "Front-End-Https",
        "X-Script-Name",
        "X-Original-URL",
        "X-Rewrite-URL",
        "Client-Cert",
        "Client-Cert-Chain",
        "X-Client-Cert",
        "X-SSL-Client-Cert",
        "X-SSL-Client-Verify",
        "X_Forwarded_For",
        "X-Forwarded_For",
        "x_real_ip",
        "Client_Cert",
      })
  void strangersSpeakForNobody(String name) {
    for (TrustedProxies trusted : List.of(TEN, TrustedProxies.NONE)) {
      RequestHead head = head("Host", "a", name, "192.0.2.1", "Accept", "*/*", name, "for=1.1.1.1");
      assertThat(new ForwardedHeaders(trusted, Kind.EITHER).apply(head, STRANGER))
          .isSameAs(STRANGER);
      assertThat(names(head)).containsExactly("host", "accept");
    }
  }

  @Test
  void everyListedNameIsRemoved() {
    for (String name : ForwardingNames.OTHERS) {
      RequestHead head = head(name, "x");
      new ForwardedHeaders(TrustedProxies.NONE, Kind.EITHER).apply(head, STRANGER);
      assertThat(names(head)).as(name).isEmpty();
    }
  }

  @Test
  void nobodyIsTrustedByDefault() {
    RequestHead head = head("X-Forwarded-For", "192.0.2.1");
    assertThat(new ForwardedHeaders(TrustedProxies.NONE, Kind.EITHER).apply(head, PROXY))
        .isSameAs(PROXY);
    assertThat(names(head)).isEmpty();
  }

  @Test
  void namesLookedLikeButNotMeantStay() {
    String[] others = {
      "x-forward",
      "x-forwardedfor",
      "xforwarded-for",
      "forwards",
      "via",
      "x-request-id",
      "x-real",
      "remote-user",
      "x_custom",
      "_",
      "authorization"
    };
    RequestHead head = head();
    for (String name : others) {
      head.add(HeaderName.of(name), "x");
    }
    assertThat(new ForwardedHeaders(TEN, Kind.EITHER).apply(head, STRANGER)).isSameAs(STRANGER);
    assertThat(names(head)).containsExactly(others);
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.1,192.0.2.1 0",
    "'192.0.2.1:4711',192.0.2.1 4711",
    "2001:DB8::1,2001:db8::1 0",
    "'[2001:db8::1]',2001:db8::1 0",
    "'[2001:db8::1]:99',2001:db8::1 99",
    "::ffff:192.0.2.1,192.0.2.1 0",
    "'9.9.9.9, 192.0.2.1',192.0.2.1 0",
    "'192.0.2.1, 10.2.3.4',192.0.2.1 0",
    "'192.0.2.1,10.2.3.4,fd00::1',192.0.2.1 0",
    "'8.8.8.8, 192.0.2.1, 10.2.3.4',192.0.2.1 0",
    "'10.5.5.5, 10.2.3.4',10.5.5.5 0",
    "'rubbish, \", 192.0.2.1',192.0.2.1 0",
    "' , , 192.0.2.1 , ',192.0.2.1 0",
    "unknown,' 0'",
    "'9.9.9.9, unknown, 10.2.3.4',' 0'",
  })
  void readsXForwardedForFromTheRight(String value, String expected) {
    assertThat(seen("X-Forwarded-For", value)).isEqualTo(expected + " http");
  }

  @Test
  void severalHeadersAreOneList() {
    String[] lines = {
      "X-Forwarded-For", "9.9.9.9,192.0.2.1", "A", "b", "X-Forwarded-For", "10.1.1.1"
    };
    assertThat(seen(lines)).isEqualTo("192.0.2.1 0 http");
    String[] both = {"Forwarded", "for=192.0.2.1", "Forwarded", "for=10.1.1.1;proto=https"};
    assertThat(seen(both)).isEqualTo("192.0.2.1 0 http");
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.1,https,https",
    "192.0.2.1,HTTPS,https",
    "192.0.2.1,wss,https",
    "192.0.2.1,ws,http",
    "'192.0.2.1, 10.1.1.1',https,https",
    "'192.0.2.1, 10.1.1.1','https, http',https",
    "'192.0.2.1, 10.1.1.1','http, https',http",
    "192.0.2.1,'https, http',http",
    "'192.0.2.1, 10.1.1.1, 10.1.1.2','https, http',http", // one is missing: nothing is believed
    "192.0.2.1,gopher,http",
    "192.0.2.1,https;,http",
    "192.0.2.1,'',http",
  })
  void theSchemeIsThatOfTheClientsHop(String addresses, String schemes, String expected) {
    assertThat(seen("X-Forwarded-For", addresses, "X-Forwarded-Proto", schemes))
        .isEqualTo("192.0.2.1 0 " + expected);
  }

  @Test
  void aSchemeAloneChangesOnlyTheScheme() {
    assertThat(seen("X-Forwarded-Proto", "https")).isEqualTo("10.0.0.1 5000 https");
    assertThat(seen("Forwarded", "proto=https")).isEqualTo("10.0.0.1 5000 https");
    assertThat(seen("X-Forwarded-Proto", "nonsense")).isEqualTo("10.0.0.1 5000 http");
  }

  @Test
  void aMalformedSchemeOrPortIsNotPassedOn() {
    RequestHead head =
        head("X-Forwarded-For", "192.0.2.1", "X-Forwarded-Proto", "x", "X-Forwarded-Port", "0x50");
    assertThat(seen(head, Kind.EITHER)).isEqualTo("192.0.2.1 0 http");
    assertThat(names(head)).containsExactly("x-forwarded-for");
  }

  @ParameterizedTest
  @CsvSource({"443,443", "0,8000", "65536,8000", "-1,8000", "'443, 8443',8443", "abc,8000"})
  void theForwardedPortIsTheOneTheClientHasConnectedTo(String value, int expected) {
    RequestHead head = head("X-Forwarded-For", "192.0.2.1", "X-Forwarded-Port", value);
    Peer peer = new ForwardedHeaders(TEN, Kind.EITHER).apply(head, PROXY);
    assertThat(peer.localPort()).isEqualTo(expected);
    assertThat(peer.remotePort()).isZero();
  }

  @Test
  void aTrustedProxysHeadersStay() {
    RequestHead head =
        head("X-Forwarded-For", "192.0.2.1", "X-Forwarded-Host", "h", "X-Real-IP", "192.0.2.1");
    assertThat(seen(head, Kind.EITHER)).isEqualTo("192.0.2.1 0 http");
    assertThat(names(head)).containsExactly("x-forwarded-for", "x-forwarded-host", "x-real-ip");
  }

  @Test
  void underscoresDoNotPassThroughAProxyEither() {
    RequestHead head = head("X_Forwarded_For", "9.9.9.9", "X-Forwarded-For", "192.0.2.1");
    assertThat(seen(head, Kind.EITHER)).isEqualTo("192.0.2.1 0 http");
    assertThat(names(head)).containsExactly("x-forwarded-for");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x", "_hidden:1:2", "1.2.3", "1.2.3.4:", "1.2.3.4:x", "1.2.3.4:65536", "1.2.3.4:000080",
        "1.2.3.4 5.6.7.8", "[::1", "::1]", "[1.2.3.4]", "[::1]80", "[::1]:", "fe80::1%25eth0",
        "\"1.2.3.4\"", "1.2.3.4;proto=https", "127.0.0.1\u0000", "unknown1", "localhost",
      })
  void malformedAddressesAreIgnoredAndRemoved(String value) {
    RequestHead head = head("X-Forwarded-For", "192.0.2.1, " + value, "X-Forwarded-Proto", "https");
    assertThat(seen(head, Kind.EITHER)).isEqualTo("10.0.0.1 5000 http");
    assertThat(names(head)).isEmpty();
  }

  @Test
  void twoKindsThatAgreeAreBelieved() {
    assertThat(seen("Forwarded", "for=\"192.0.2.1:7\";proto=https", "X-Forwarded-For", "192.0.2.1"))
        .isEqualTo("192.0.2.1 7 https");
    assertThat(seen("Forwarded", "for=192.0.2.1", "X-Forwarded-Proto", "https"))
        .isEqualTo("192.0.2.1 0 https");
  }

  @ParameterizedTest
  @CsvSource({
    "for=9.9.9.9,192.0.2.1,http",
    "for=_x,192.0.2.1,http",
    "for=192.0.2.1;proto=http,192.0.2.1,https",
    "'for=\"192.0.2.1:1\"',192.0.2.1:2,http",
  })
  void twoKindsThatContradictEachOtherAreBothRemoved(String one, String other, String scheme) {
    RequestHead head =
        head(
            "Forwarded",
            one,
            "Host",
            "a",
            "X-Forwarded-For",
            other,
            "X-Forwarded-Proto",
            scheme,
            "X-Forwarded-Host",
            "b");
    assertThat(seen(head, Kind.EITHER)).isEqualTo(" 0 http");
    assertThat(names(head)).containsExactly("host");
  }

  @Test
  void aMalformedKindDoesNotSpoilTheOther() {
    RequestHead head = head("Forwarded", "for=\"", "X-Forwarded-For", "192.0.2.1");
    assertThat(seen(head, Kind.EITHER)).isEqualTo("192.0.2.1 0 http");
    assertThat(names(head)).containsExactly("x-forwarded-for");
    head = head("Forwarded", "for=192.0.2.1", "X-Forwarded-For", "'", "X-Forwarded-Host", "a");
    assertThat(seen(head, Kind.EITHER)).isEqualTo("192.0.2.1 0 http");
    assertThat(names(head)).containsExactly("forwarded");
  }

  @Test
  void aFixedKindIsTheOnlyOne() {
    String[] both = {"Forwarded", "for=192.0.2.1;proto=https", "X-Forwarded-For", "192.0.2.2"};
    RequestHead head = head(both);
    assertThat(seen(head, Kind.FORWARDED)).isEqualTo("192.0.2.1 0 https");
    assertThat(names(head)).containsExactly("forwarded");
    head = head(both);
    assertThat(seen(head, Kind.X_FORWARDED)).isEqualTo("192.0.2.2 0 http");
    assertThat(names(head)).containsExactly("x-forwarded-for");
    head = head("Forwarded", "for=192.0.2.1");
    assertThat(seen(head, Kind.X_FORWARDED)).isEqualTo("10.0.0.1 5000 http");
    assertThat(names(head)).isEmpty();
  }

  @Test
  void aStarBelievesTheLastWriterOnly() {
    RequestHead head = head("X-Forwarded-For", "9.9.9.9, 192.0.2.1");
    Peer peer =
        new ForwardedHeaders(TrustedProxies.of(List.of("*")), Kind.EITHER).apply(head, STRANGER);
    assertThat(peer.remoteAddress()).isEqualTo("192.0.2.1");
  }

  @Test
  void unixSocketsCanBeTrusted() {
    Peer socket = new Peer("", 0, "", 0, "http", null);
    RequestHead head = head("X-Forwarded-For", "192.0.2.1");
    assertThat(new ForwardedHeaders(TEN, Kind.EITHER).apply(head, socket)).isSameAs(socket);
    head = head("X-Forwarded-For", "192.0.2.1");
    ForwardedHeaders trusting =
        new ForwardedHeaders(TrustedProxies.of(List.of("unix")), Kind.EITHER);
    assertThat(trusting.apply(head, socket).remoteAddress()).isEqualTo("192.0.2.1");
  }

  @Test
  void namesThatAreNotSharedAreKnownToo() {
    for (int i = 0; i < 2 * HeaderName.MOST; i++) {
      HeaderName.of("x-filler-of-the-table-" + i);
    }
    HeaderName unshared = HeaderName.of("x-forwarded-somebody-new");
    assertThat(unshared.number()).isEqualTo(-1);
    RequestHead head = head("x-forwarded-somebody-new", "1", "A", "b", "x_forwarded_nobody", "2");
    new ForwardedHeaders(TEN, Kind.EITHER).apply(head, STRANGER);
    assertThat(names(head)).containsExactly("a");
    assertThat(seen("X-Forwarded-For", "192.0.2.1")).isEqualTo("192.0.2.1 0 http");
  }

  @Test
  void nothingIsAllocatedWhereThereIsNothingToDo() {
    RequestHead head = head("Host", "a", "Accept", "*/*", "User-Agent", "x", "X-Request-ID", "y");
    ForwardedHeaders headers = new ForwardedHeaders(TEN, Kind.EITHER);
    long spent =
        Allocations.of(() -> {
          for (int i = 0; i < 10_000; i++) {
            headers.apply(head, i % 2 == 0 ? PROXY : STRANGER);
          }
        });
    assertThat(spent).isLessThan(1000);
  }
}
