package dev.sluice.server.fuzz;

import dev.sluice.server.fuzz.Lines.Incomplete;
import dev.sluice.server.fuzz.Lines.Wrong;
import java.util.ArrayList;
import java.util.List;

/** The responses in the bytes that a server has sent on a connection, read by the book. */
public final class StrictResponses {
  private StrictResponses() {}

  /**
   * A final response.
   *
   * @param whole whether its end was there, as it was announced
   * @param last whether it says that the connection ends
   */
  public record Response(int status, Fields fields, String body, boolean whole, boolean last) {}

  /**
   * Reads everything.
   *
   * @param methods of the requests, in order; an answer to none is one to no HEAD
   * @throws AssertionError if the bytes are no responses
   */
  public static List<Response> read(byte[] bytes, List<String> methods) {
    Lines lines = new Lines(bytes);
    List<Response> responses = new ArrayList<>();
    try {
      while (!lines.isAtEnd()) {
        if (!responses.isEmpty() && responses.getLast().last()) {
          throw new Wrong("bytes behind the last response");
        }
        boolean known = responses.size() < methods.size();
        read(lines, known ? methods.get(responses.size()) : "GET", responses);
      }
    } catch (Incomplete e) {
      responses.add(new Response(0, new Fields(List.of()), "", false, true));
    } catch (Wrong e) {
      throw new AssertionError("at " + lines.position() + " of the answer: " + e.getMessage(), e);
    }
    return responses;
  }

  private static void read(Lines lines, String method, List<Response> responses)
      throws Wrong, Incomplete {
    String line = lines.line();
    if (!line.matches("HTTP/1\\.1 [1-5][0-9][0-9] [\\t\\x20-\\x7e]*")) {
      throw new Wrong("no status line: " + line);
    }
    int status = Integer.parseInt(line.substring(9, 12));
    Fields fields = Fields.read(lines);
    boolean last = fields.lists("connection", "close");
    List<String> lengths = fields.values("content-length");
    List<String> codings = fields.values("transfer-encoding");
    if (lengths.size() + codings.size() > 1 || fields.values("connection").size() > 1) {
      throw new Wrong("framed in two ways: " + fields);
    }
    if (status < 200) {
      if (lengths.size() + codings.size() > 0) {
        throw new Wrong("an informational response with a body");
      }
      return;
    }
    if (fields.values("date").size() != 1 || fields.values("server").size() != 1) {
      throw new Wrong("a response without Date or Server: " + fields);
    }
    if (method.equals("HEAD") || status == 204 || status == 304) {
      if (!codings.isEmpty() && status == 204) {
        throw new Wrong("a 204 that announces a body");
      }
      responses.add(new Response(status, fields, "", true, last));
    } else if (!codings.isEmpty()) {
      if (!codings.getFirst().equals("chunked")) {
        throw new Wrong("an unknown coding: " + codings);
      }
      responses.add(new Response(status, fields, Fields.chunks(lines), true, last));
    } else if (!lengths.isEmpty()) {
      if (!Lines.isDigits(lengths.getFirst(), 18)) {
        throw new Wrong("a length that is none: " + lengths);
      }
      String body = lines.take(Long.parseLong(lengths.getFirst()));
      responses.add(new Response(status, fields, body, true, last));
    } else if (last) {
      responses.add(new Response(status, fields, lines.rest(), true, true));
    } else {
      throw new Wrong("a response without an end: " + fields);
    }
  }
}
