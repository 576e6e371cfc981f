package dev.sluice.server;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.RequestHandler;
import dev.sluice.server.exchange.RequestTarget;
import dev.sluice.server.exchange.ResponseHead;
import dev.sluice.server.exchange.RootPath;
import dev.sluice.server.http.connection.BodyChoice;
import dev.sluice.server.http.connection.BodyMode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;

/** Hands each request to the application that its path belongs to; on the IO threads. */
final class AppRouter implements RequestHandler, BodyChoice {
  private final List<Route> routes;

  /**
   * One application's part of the paths.
   *
   * @param prefix below which it is; empty for all that no other has
   * @param hasSockets whether it can be asked for a WebSocket
   */
  record Route(
      String prefix, RootPath root, RequestHandler handler, BodyMode bodies, boolean hasSockets) {
    boolean has(String target) {
      int start = RequestTarget.pathStart(target);
      return root.ownPart(target, start, RequestTarget.pathEnd(target, start)) >= 0;
    }
  }

  /**
   * Makes a router.
   *
   * @param routes where several have a path, the one with the longest prefix has it; one has all
   */
  AppRouter(List<Route> routes) {
    this.routes =
        routes.stream()
            .sorted(Comparator.comparingInt((Route route) -> -route.prefix().length()))
            .toList();
  }

  private Route route(String target) {
    int last = routes.size() - 1;
    for (int i = 0; i < last; i++) {
      if (routes.get(i).has(target)) {
        return routes.get(i);
      }
    }
    return routes.get(last);
  }

  @Override
  public BodyMode of(String target) {
    return route(target).bodies();
  }

  @Override
  public boolean accept(Exchange exchange) {
    Route route = route(exchange.request().target());
    if (!route.hasSockets() && exchange.request().method().equals("CONNECT")) {
      refuseSocket(exchange); // of HTTP/2, where it is another kind of request
      return true;
    }
    return route.handler().accept(exchange);
  }

  private static void refuseSocket(Exchange exchange) {
    byte[] text =
        "this application speaks WSGI, which has no WebSockets\n".getBytes(StandardCharsets.UTF_8);
    ResponseHead head = new ResponseHead();
    head.reset(501, "Not Implemented");
    head.header("Content-Type", "text/plain; charset=utf-8");
    head.header("Content-Length", Integer.toString(text.length));
    head.declareContentLength(text.length);
    exchange.respond(head, ByteBuffer.wrap(text));
  }
}
