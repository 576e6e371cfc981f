package dev.sluice.server.http;

import dev.sluice.server.exchange.RequestHead;
import dev.sluice.server.fuzz.Complaints;
import dev.sluice.server.fuzz.Input;
import dev.sluice.server.fuzz.StrictRequests;
import dev.sluice.server.fuzz.StrictRequests.Request;
import dev.sluice.server.fuzz.StrictResponses;
import dev.sluice.server.fuzz.StrictResponses.Response;
import dev.sluice.server.http.FuzzedApplication.Seen;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Random bytes as a connection's: what the application sees is what RFC 9112 says is there, and
 * what comes back are its answers, in order.
 */
public final class Http1Fuzz {

  private Http1Fuzz() {}

  /** Takes one input of a fuzzer's. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    try (Complaints complaints = Complaints.watch()) {
      run(bytes, false);
      run(bytes, true);
      complaints.assertNone();
    }
  }

  private static void run(byte[] bytes, boolean inLoop) {
    Input input = new Input(bytes);
    byte[] sent = input.sent();
    if (new String(sent, StandardCharsets.ISO_8859_1)
        .startsWith("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")) {
      return; // Http2Fuzz knows more about it
    }
    FuzzedConnection connection = new FuzzedConnection(input, inLoop);
    Protocols.plain(
        connection.channel().pipeline(),
        connection.io(),
        connection.serving(),
        FuzzedConnection.PEER);
    connection.run(input.pieces());
    check(connection, StrictRequests.read(sent));
  }

  /** Compares what was seen with what there was to be seen, and with what was answered. */
  static void check(FuzzedConnection connection, List<Request> there) {
    List<Seen> seen = connection.application().all();
    if (seen.size() > there.size()) {
      throw new AssertionError("a request that was never sent: " + target(seen.get(there.size())));
    }
    for (int i = 0; i < seen.size(); i++) {
      compare(seen.get(i), there.get(i));
    }
    List<String> methods = seen.stream().map(one -> one.exchange.request().method()).toList();
    List<Response> responses = StrictResponses.read(connection.channel().sent(), methods);
    if (responses.size() > seen.size() + 1) {
      throw new AssertionError("more answers than requests: " + responses);
    }
    boolean gone = connection.ending() == FuzzedConnection.Ending.GONE;
    boolean broken = gone;
    for (int i = 0; i < seen.size(); i++) {
      if (i < responses.size()) {
        compare(seen.get(i), responses.get(i), i, gone);
      }
      broken |= seen.get(i).answer == null;
      if (i >= responses.size() && !broken) {
        throw new AssertionError("never answered: " + target(seen.get(i)));
      }
    }
    boolean closed = !responses.isEmpty() && responses.getLast().last();
    long whole = there.stream().filter(request -> request.body() != null).count();
    if (!broken && !closed && seen.size() < whole) {
      throw new AssertionError("never seen: " + there.get(seen.size()));
    }
    if (responses.size() > seen.size() && !isRefusal(responses.getLast())) {
      throw new AssertionError("no refusal: " + responses.getLast());
    }
  }

  private static boolean isRefusal(Response response) {
    return response.status() >= 400 && response.last();
  }

  private static String target(Seen seen) {
    return seen.exchange.request().method() + " " + seen.exchange.request().target();
  }

  private static void compare(Seen seen, Request request) {
    RequestHead head = seen.exchange.request();
    String body = seen.body;
    List<String> fields = new ArrayList<>();
    for (int i = 0; i < head.headerCount(); i++) {
      fields.add(head.headerName(i).text().toLowerCase(Locale.ROOT) + ": " + head.headerValue(i));
    }
    boolean same =
        head.method().equals(request.method())
            && head.target().equals(request.target())
            && head.protocol().equals(request.protocol())
            && fields.stream()
                .sorted()
                .toList()
                .equals(request.fields().all().stream().sorted().toList())
            && (body == null || body.equals(request.body()));
    if (!same) {
      throw new AssertionError(
          "%s with %s and the body %s was seen as %s with %s and the body %s"
              .formatted(
                  request.target(), request.fields(), request.body(), target(seen), fields, body));
    }
  }

  private static void compare(Seen seen, Response response, int index, boolean gone) {
    String answer = seen.answer;
    if (answer == null || !response.whole()) {
      if (answer != null && !gone) {
        throw new AssertionError("broken off without a reason: " + target(seen));
      }
      return;
    }
    List<String> indices = response.fields().values("x-index");
    boolean own = "et".indexOf(seen.kind()) >= 0 || isRefusal(response);
    if (own ? !indices.isEmpty() : !indices.equals(List.of(Integer.toString(index)))) {
      throw new AssertionError("the answer of another request: " + indices + " for " + index);
    }
    boolean bodiless =
        seen.exchange.request().method().equals("HEAD")
            || response.status() == 204
            || response.status() == 304;
    if (!own && !response.body().equals(bodiless ? "" : answer)) {
      throw new AssertionError("another body than was given: " + response);
    }
  }
}
