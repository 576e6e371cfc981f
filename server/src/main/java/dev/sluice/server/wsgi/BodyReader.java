package dev.sluice.server.wsgi;

import dev.sluice.python.Attached;
import dev.sluice.python.Interpreter;
import dev.sluice.python.capi.BytesApi;
import dev.sluice.python.capi.Callbacks;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.NumberApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.server.exchange.RequestBody;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Python's function that reads a body while it arrives; on whatever thread the application reads
 * from, which holds the GIL but while it waits.
 *
 * <p>The function knows its reader by a number. Once the request has ended the number is forgotten,
 * and whoever still reads is told so.
 */
final class BodyReader implements AutoCloseable {
  private static final Callbacks.Definition RECEIVE =
      Callbacks.define(
          "receive", "receive(size): some bytes of the body; none at its end", BodyReader::receive);
  private static final int MOST = 64 * 1024;

  private static final Map<Long, BodyReader> READERS = new ConcurrentHashMap<>();
  private static final AtomicLong NUMBERS = new AtomicLong();

  private final Interpreter interpreter;
  private final WsgiRequest request;
  private final RequestBody body;
  private final long number = NUMBERS.incrementAndGet();

  BodyReader(Interpreter interpreter, WsgiRequest request) {
    this.interpreter = interpreter;
    this.request = request;
    body = request.exchange().body();
    READERS.put(number, this);
  }

  /** What its functions know it by. */
  long number() {
    return number;
  }

  /** A new function object, or null with an exception set; on an attached thread. */
  long function() {
    long self = NumberApi.fromLong(number);
    long function = self == 0 ? 0 : RECEIVE.bind(self);
    ObjectApi.decRef(self);
    return function;
  }

  @Override
  public void close() {
    READERS.remove(number);
  }

  /** Null with an exception set if its request has ended. */
  private static @Nullable BodyReader find(long number) {
    BodyReader reader = READERS.get(number);
    if (reader == null) {
      ErrorApi.raise(ErrorApi.Types.VALUE_ERROR, "wsgi.input was read after its request had ended");
    }
    return reader;
  }

  private static long receive(long self, long arguments, long count, long keywordNames) {
    BodyReader reader = find(NumberApi.asLongQuick(self));
    if (reader == null) {
      return 0;
    }
    long size = count == 1 ? NumberApi.asLongQuick(Memory.getLong(arguments)) : 0;
    if (size <= 0) {
      return BytesApi.create(0, 0);
    }
    return reader.receive((int) Math.min(size, MOST));
  }

  private long receive(int size) {
    ByteBuffer buffer = ByteBuffer.allocate(size);
    String failure;
    try (Attached py = interpreter.attachedInCallback()) {
      failure = py.detached(() -> fill(buffer));
    }
    if (!failure.isEmpty()) {
      request.tell();
      ErrorApi.raise(ErrorApi.Types.CONNECTION_ERROR, failure);
      return 0;
    }
    return bytes(buffer);
  }

  private static long bytes(ByteBuffer buffer) {
    buffer.flip();
    long bytes = BytesApi.create(0, buffer.remaining());
    if (bytes != 0) {
      Memory.copy(buffer, BytesApi.data(bytes));
    }
    return bytes;
  }

  /**
   * What has come, as bytes; None if nothing is there now; null with an exception set.
   *
   * @param number the reader's, which is no other request's later
   */
  static long poll(long number, long size) {
    BodyReader reader = find(number);
    return reader == null ? 0 : reader.poll(size);
  }

  private long poll(long size) {
    ByteBuffer buffer = ByteBuffer.allocate(Math.clamp(size, 0, MOST));
    try {
      int count = size <= 0 ? -1 : body.poll(buffer);
      if (count == 0) {
        ObjectApi.incRef(ObjectApi.NONE);
        return ObjectApi.NONE;
      }
    } catch (IOException e) {
      request.tell();
      ErrorApi.raise(ErrorApi.Types.CONNECTION_ERROR, String.valueOf(e.getMessage()));
      return 0;
    }
    return bytes(buffer);
  }

  /** Waits for bytes; returns what went wrong, or an empty string. */
  private String fill(ByteBuffer buffer) {
    try {
      body.read(buffer);
      return "";
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "the server is stopping";
    }
  }
}
