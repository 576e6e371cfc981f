package dev.sluice.server.files;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.ResponseHead;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Short answers without a file; no state, any thread that has the exchange. */
final class PlainAnswers {
  private static final String ALLOWED = "GET, HEAD, OPTIONS";

  private PlainAnswers() {}

  static void respond(Exchange exchange, int status, String why) {
    byte[] text = text(why);
    exchange.respond(head(status, text), ByteBuffer.wrap(text));
  }

  static void notFound(Exchange exchange) {
    respond(exchange, 404, "there is nothing here");
  }

  /** What there is to say to methods that are neither GET nor HEAD. */
  static void otherMethod(Exchange exchange) {
    if (exchange.request().method().equals("OPTIONS")) {
      ResponseHead head = new ResponseHead();
      head.reset(204, "No Content");
      head.header("Allow", ALLOWED);
      exchange.respond(head, ByteBuffer.allocate(0));
      return;
    }
    byte[] text = text("files are read only: GET and HEAD are allowed here");
    ResponseHead head = head(405, text);
    head.header("Allow", ALLOWED);
    exchange.respond(head, ByteBuffer.wrap(text));
  }

  /**
   * Sends the client elsewhere.
   *
   * @param location begins with a slash that no other one follows: a second one would make a host
   *     of what comes next
   */
  static void redirect(Exchange exchange, String location) {
    byte[] text = text("this is a folder: " + location);
    ResponseHead head = head(301, text);
    head.header("Location", location);
    exchange.respond(head, ByteBuffer.wrap(text));
  }

  static void unsatisfiable(Exchange exchange, long size) {
    byte[] text = text("the file has no such bytes");
    ResponseHead head = head(416, text);
    head.header("Content-Range", "bytes */" + size);
    head.header("Accept-Ranges", "bytes");
    exchange.respond(head, ByteBuffer.wrap(text));
  }

  private static byte[] text(String why) {
    return (why + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private static ResponseHead head(int status, byte[] text) {
    ResponseHead head = new ResponseHead();
    head.reset(status, reason(status));
    head.header("Content-Type", "text/plain; charset=utf-8");
    head.header("Content-Length", Integer.toString(text.length));
    head.declareContentLength(text.length);
    head.header("X-Content-Type-Options", "nosniff");
    return head;
  }

  private static String reason(int status) {
    return switch (status) {
      case 301 -> "Moved Permanently";
      case 404 -> "Not Found";
      case 405 -> "Method Not Allowed";
      case 412 -> "Precondition Failed";
      case 416 -> "Range Not Satisfiable";
      case 503 -> "Service Unavailable";
      default -> throw new IllegalArgumentException("no answer of ours: " + status);
    };
  }
}
