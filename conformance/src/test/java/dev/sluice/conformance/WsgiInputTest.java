package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Environ;
import dev.sluice.conformance.harness.Response;
import dev.sluice.conformance.harness.Server;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** wsgi.input reads the same wherever the body is: in memory, in a file, or still on its way. */
class WsgiInputTest {
  private static final String BODY = "first\nsecond line\n\nlast";

  private static Server buffering;
  private static Server spooling;
  private static Server streaming;

  /** Where the body is while it is read. */
  enum Place {
    MEMORY,
    FILE,
    WIRE,
    WIRE_CHUNKED,
    WIRE_EXPECTED
  }

  @BeforeAll
  static void serve() {
    buffering = Server.start("streams_app:app");
    spooling = Server.start("streams_app:app", "--limit-body-in-memory", "4");
    streaming =
        Server.start("streams_app:app", "--limit-body-in-memory", "4", "--request-body", "stream");
  }

  @AfterAll
  static void stop() {
    for (Server server : List.of(buffering, spooling, streaming)) {
      server.close();
      assertThat(server.log()).doesNotContain("Traceback", "\tat ");
    }
  }

  private static Server server(Place place) {
    return switch (place) {
      case MEMORY, WIRE_EXPECTED -> buffering;
      case FILE -> spooling;
      case WIRE, WIRE_CHUNKED -> streaming;
    };
  }

  private static String head(String line, String header) {
    return line + "\r\nHost: a\r\n" + header + "\r\n\r\n";
  }

  private static Response post(Place place, String target) {
    try (Connection connection = server(place).connect()) {
      String line = "POST " + target + " HTTP/1.1";
      String length = "Content-Length: " + BODY.length();
      switch (place) {
        case MEMORY, FILE -> connection.request(line, length).send(BODY);
        // In one piece: a body that is on its way still when it was not read ends the connection.
        case WIRE -> connection.send(head(line, length) + BODY);
        case WIRE_CHUNKED ->
            connection.send(
                head(line, "Transfer-Encoding: chunked")
                    + "7\r\nfirst\ns\r\n9\r\necond lin\r\n7\r\ne\n\nlast\r\n0\r\n\r\n");
        case WIRE_EXPECTED -> {
          connection.request(line, length, "Expect: 100-continue");
          assertThat(connection.read().status()).isEqualTo(100);
          connection.send(BODY);
        }
      }
      Response response = connection.read();
      assertThat(response.status()).as(response.toString()).isEqualTo(200);
      assertThat(connection.get("/alive").read().text()).as("kept").isEqualTo("alive");
      return response;
    }
  }

  private static List<String> read(Place place, String ops) {
    return Arrays.stream(post(place, "/read?ops=" + ops).text().split("\n", -1))
        .map(Environ::decoded)
        .toList();
  }

  /** Each list of reads, and what they give: a result each, the parts of a list between bars. */
  private static final Map<String, List<String>> READS =
      Map.ofEntries(
          Map.entry("read,read", List.of(BODY, "")),
          Map.entry("read:-1,read:5", List.of(BODY, "")),
          Map.entry("none,none", List.of(BODY, "")),
          Map.entry("read:100,readline,readlines", List.of(BODY, "", "")),
          Map.entry("read:0,read:3,read:5", List.of("", "fir", "st\nse")),
          Map.entry(
              "readline,readline,readline,readline,readline",
              List.of("first\n", "second line\n", "\n", "last", "")),
          Map.entry(
              "readline:3,readline:100,readline:0,readline:-1",
              List.of("fir", "st\n", "", "second line\n")),
          Map.entry("readlines", List.of("first\n|second line\n|\n|last")),
          Map.entry("iter,read", List.of("first\n|second line\n|\n|last", "")),
          Map.entry("next,read:4,iter", List.of("first\n", "seco", "nd line\n|\n|last")),
          Map.entry(
              "next,next,next,next,next", List.of("first\n", "second line\n", "\n", "last", "")),
          Map.entry("readinto:5,readinto:100,readinto:5", List.of("first", BODY.substring(5), "")),
          Map.entry("lines", List.of("first\n|second line\n|\n|last")));

  @ParameterizedTest
  @EnumSource
  void readsAsAFile(Place place) {
    READS.forEach((ops, results) -> assertThat(read(place, ops)).as(ops).isEqualTo(results));
  }

  @ParameterizedTest
  @EnumSource(names = "WIRE_EXPECTED", mode = EnumSource.Mode.EXCLUDE)
  void isAFileObjectThatEndsWhereTheBodyEnds(Place place) {
    assertThat(post(place, "/kind").text()).isEqualTo("True True False True");
  }

  @ParameterizedTest
  @EnumSource
  void whatIsNotReadIsNotTakenForTheNextRequest(Place place) {
    var sizes = new ArrayList<String>();
    for (int n = 0; n < 3; n++) {
      sizes.add(read(place, "read:5").getFirst());
    }
    assertThat(sizes).containsOnly("first");
  }

  /** CONTENT_LENGTH is what was declared; without it the end of the input is the body's end. */
  @ParameterizedTest
  @CsvSource({"65536", "1000000"})
  void aLargeBodyComesWholeFromEveryPlace(int size) {
    for (Server server : List.of(buffering, spooling, streaming)) {
      try (Connection connection = server.connect()) {
        connection.request("POST /size HTTP/1.1", "Content-Length: " + size);
        connection.sendAside(size);
        assertThat(connection.read().text()).isEqualTo(Integer.toString(size));
        connection.request("POST /size HTTP/1.1", "Transfer-Encoding: chunked");
        connection.send(Integer.toHexString(size) + "\r\n");
        connection.send("x".repeat(size));
        assertThat(connection.send("\r\n0\r\n\r\n").read().text()).isEqualTo(size + "");
      }
    }
  }

  /** What an application keeps of a request that has ended is told so, and does no harm. */
  @Test
  void whatIsKeptBeyondARequestIsOfNoUse() {
    try (Connection connection = streaming.connect()) {
      connection.request("POST /keep HTTP/1.1", "Content-Length: " + BODY.length()).send(BODY);
      assertThat(connection.read().text()).isEqualTo("kept");
    }
    for (int round = 0; round < 2; round++) {
      assertThat(streaming.ask("/use_kept").text().lines().toList())
          .satisfiesExactly(
              read -> assertThat(read).matches("b'.'|ValueError: wsgi.input was read after .*"),
              start ->
                  assertThat(start).startsWith("RuntimeError: start_response was called after"),
              write -> assertThat(write).startsWith("RuntimeError: write was called after"),
              hints -> assertThat(hints).startsWith("RuntimeError: early_hints was called after"));
    }
  }
}
