package dev.sluice.conformance.harness;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** The test's side of gates.py: knows where an application is, and holds it there. */
public final class Gate implements AutoCloseable {
  private final ServerSocket listener;

  public Gate() {
    try {
      listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** An application that has come to the gate; closing lets it through. */
  public record Visitor(String text, Socket socket) implements AutoCloseable {
    @Override
    public void close() {
      try {
        socket.close();
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    }
  }

  public int port() {
    return listener.getLocalPort();
  }

  /** Waits for the next application at the gate. */
  public Visitor await() {
    try {
      return accept(Limits.ANSWER);
    } catch (SocketTimeoutException late) {
      throw new AssertionError("no application has come to the gate", late);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Expects what an application says in passing. */
  public String heard() {
    try (Visitor visitor = await()) {
      return visitor.text();
    }
  }

  /** Whether nobody else comes for so long. */
  public boolean quietFor(Duration span) {
    try (Visitor visitor = accept(span)) {
      return visitor.text().isEmpty();
    } catch (SocketTimeoutException quiet) {
      return true;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private Visitor accept(Duration limit) throws IOException {
    listener.setSoTimeout((int) limit.toMillis());
    Socket socket = listener.accept();
    socket.setSoTimeout((int) Limits.ANSWER.toMillis());
    var reader =
        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    String text = reader.readLine();
    return new Visitor(text == null ? "" : text, socket);
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
