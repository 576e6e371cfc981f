package dev.sluice.server.http;

import dev.sluice.server.fuzz.Complaints;
import dev.sluice.server.fuzz.Input;
import dev.sluice.server.http.FuzzedApplication.Seen;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Random frames as a connection's of HTTP/2. With flag 5 the bytes are sent as they are; without it
 * they say what the frames are, whose lengths are right then: type, flags, stream, length, payload.
 */
public final class Http2Fuzz {
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int RAW = 5;

  private Http2Fuzz() {}

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
    List<byte[]> pieces = input.flag(RAW) ? input.pieces() : input.split(frames(input.sent()));
    byte[] sent = input.flag(RAW) ? input.sent() : frames(input.sent());
    FuzzedConnection connection = new FuzzedConnection(input, inLoop);
    Protocols.plain(
        connection.channel().pipeline(),
        connection.io(),
        connection.serving(),
        FuzzedConnection.PEER);
    connection.run(pieces);
    if (ByteBuffer.wrap(sent).mismatch(ByteBuffer.wrap(PREFACE)) == PREFACE.length) {
      check(connection, sent);
    }
  }

  private static byte[] frames(byte[] recipe) {
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    frames.writeBytes(PREFACE);
    frames.writeBytes(frame(4, 0, 0));
    for (int at = 0; at + 4 <= recipe.length; ) {
      int end = Math.min(recipe.length, at + 4 + (recipe[at + 3] & 0xff));
      byte[] payload = Arrays.copyOfRange(recipe, at + 4, end);
      frames.writeBytes(frame(recipe[at], recipe[at + 1], recipe[at + 2], payload));
      at = end;
    }
    return frames.toByteArray();
  }

  private static byte[] frame(int type, int flags, int stream, byte... payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .putInt((payload.length << 8) | (type & 0xff))
        .put((byte) flags)
        .putInt(stream & 0xff)
        .put(payload)
        .array();
  }

  private static void check(FuzzedConnection connection, byte[] sent) {
    Http2Answers answers = new Http2Answers(sent);
    answers.read(connection.channel().sent());
    List<Seen> seen = connection.application().all();
    List<Integer> indices = new ArrayList<>();
    for (Http2Answers.Answer answer : answers.all()) {
      String index = answer.header("x-index");
      if (index == null) {
        continue; // the server's own
      }
      Seen request = seen.get(Integer.parseInt(index));
      indices.add(Integer.valueOf(index));
      String expected = request.answer;
      boolean bodiless =
          request.exchange.request().method().equals("HEAD")
              || answer.status() == 204
              || answer.status() == 304;
      if (answer.ended() && expected == null) {
        throw new AssertionError("what was broken off looks whole: " + answer);
      }
      if (answer.ended() && !answer.body().equals(bodiless ? "" : expected)) {
        throw new AssertionError("another body than was given: " + answer);
      }
    }
    if (indices.size() != indices.stream().distinct().count()) {
      throw new AssertionError("answered twice: " + indices);
    }
    if (answers.all().size() > answers.streamsOpened()) {
      throw new AssertionError("more answers than requests");
    }
  }
}
