package dev.sluice.server.http;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.FilePart;
import dev.sluice.server.exchange.RequestBody;
import dev.sluice.server.exchange.RequestHandler;
import dev.sluice.server.exchange.ResponseHead;
import dev.sluice.server.fuzz.Complaints;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Answers as the first letter of the path says, and keeps what it saw. Called on the fuzzer's
 * thread; bodies that still arrive are read, and answered, on a thread for each, or all bodies are
 * polled on the fuzzer's.
 */
final class FuzzedApplication implements RequestHandler {
  private static final byte[] PAGE =
      "0123456789abcdef".repeat(1200).getBytes(StandardCharsets.UTF_8);
  private static final Path FILE = file();

  private final boolean defers;
  private final boolean polls;
  private final List<Seen> all = new ArrayList<>();
  private final Deque<Runnable> deferred = new ArrayDeque<>();
  private final List<Thread> readers = new ArrayList<>();
  private int polling;

  /** A request, and what became of it. */
  static final class Seen {
    final Exchange exchange;

    /** Null until it has been read as a whole. */
    volatile @Nullable String body;

    /** What was sent as the answer's body; null if the answer was broken off. */
    volatile @Nullable String answer;

    Seen(Exchange exchange) {
      this.exchange = exchange;
    }

    char kind() {
      String target = exchange.request().target();
      return target.length() > 1 ? target.charAt(1) : '/';
    }
  }

  /** Makes one that answers at once, or when it is told to. */
  FuzzedApplication(boolean defers, boolean polls) {
    this.defers = defers;
    this.polls = polls;
  }

  private static Path file() {
    try {
      Path file = Files.createTempFile("sluice-fuzz-", ".txt");
      file.toFile().deleteOnExit();
      return Files.write(file, PAGE);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  List<Seen> all() {
    return all;
  }

  @Override
  public boolean accept(Exchange exchange) {
    Seen seen = new Seen(exchange);
    int index = all.size();
    all.add(seen);
    if (seen.kind() == 'e') {
      seen.answer = "too many requests are waiting here: try again soon";
      return false;
    }
    if (seen.kind() == 'r') {
      throw new IllegalStateException(Complaints.ASKED_FOR);
    }
    if (polls && exchange.body().isStream() && seen.kind() != 'u') {
      polling++;
      exchange.body().whenReadable(() -> pollAndAnswer(seen, index, new ByteArrayOutputStream()));
    } else if (exchange.body().isStream() && seen.kind() != 'u') {
      Thread reader = Thread.ofPlatform().daemon().unstarted(() -> readAndAnswer(seen, index));
      readers.add(reader);
      reader.start();
    } else if (defers || seen.kind() == 'l') {
      deferred.add(() -> readAndAnswer(seen, index));
    } else {
      readAndAnswer(seen, index);
    }
    return true;
  }

  /** Answers what was put off; says whether there was something. */
  boolean answerDeferred() {
    boolean some = !deferred.isEmpty();
    while (!deferred.isEmpty()) {
      deferred.remove().run();
    }
    return some;
  }

  /** Whether nobody does anything: those who read wait for more. */
  boolean isIdle() {
    for (Thread reader : readers) {
      Thread.State state = reader.getState();
      if (state != Thread.State.TERMINATED && state != Thread.State.WAITING) {
        return false;
      }
    }
    return true;
  }

  boolean hasReaders() {
    return !readers.isEmpty();
  }

  /** Whether all have ended. */
  boolean isDone() {
    return deferred.isEmpty() && polling == 0 && readers.stream().noneMatch(Thread::isAlive);
  }

  private void pollAndAnswer(Seen seen, int index, ByteArrayOutputStream all) {
    RequestBody body = seen.exchange.body();
    try {
      int size = poll(body, all);
      if (size == 0) {
        body.whenReadable(() -> pollAndAnswer(seen, index, all));
        return;
      }
      seen.body = all.toString(StandardCharsets.ISO_8859_1);
      answer(seen, index);
    } catch (IOException e) {
      seen.exchange.abort(); // the client has not sent all of it
    }
    polling--;
  }

  /** Takes what there is; -1 at the body's end. */
  private static int poll(RequestBody body, ByteArrayOutputStream all) throws IOException {
    ByteBuffer piece = ByteBuffer.allocate(100);
    int size = body.poll(piece);
    while (size > 0) {
      all.write(piece.array(), 0, size);
      size = body.poll(piece.clear());
    }
    return size;
  }

  private void readAndAnswer(Seen seen, int index) {
    try {
      if (!(seen.exchange.body().isStream() && seen.kind() == 'u')) {
        seen.body = polls ? polled(seen.exchange.body()) : read(seen.exchange.body());
      }
      answer(seen, index);
    } catch (IOException e) {
      seen.exchange.abort(); // the client has not sent all of it
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static String polled(RequestBody body) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    if (poll(body, all) >= 0) {
      throw new AssertionError("a collected body is not there as a whole");
    }
    return all.toString(StandardCharsets.ISO_8859_1);
  }

  private static String read(RequestBody body) throws IOException, InterruptedException {
    if (body.isStream()) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      ByteBuffer piece = ByteBuffer.allocate(100);
      while (body.read(piece) >= 0) {
        all.write(piece.array(), 0, piece.position());
        piece.clear();
      }
      return all.toString(StandardCharsets.ISO_8859_1);
    }
    Path file = body.file();
    if (file != null) {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    }
    byte[] all = new byte[(int) body.length()];
    body.copyTo(ByteBuffer.wrap(all));
    return new String(all, StandardCharsets.ISO_8859_1);
  }

  private static ResponseHead head(int status, int index, long length) {
    ResponseHead head = new ResponseHead();
    head.reset(status, "Fine");
    head.header("X-Index", Integer.toString(index));
    if (length >= 0) {
      head.header("Content-Length", Long.toString(length));
      head.declareContentLength(length);
    }
    return head;
  }

  private static ByteBuffer page(int length) {
    return ByteBuffer.wrap(PAGE, 0, length);
  }

  private static String text(int length) {
    return new String(PAGE, 0, length, StandardCharsets.UTF_8);
  }

  private static void answer(Seen seen, int index) throws IOException {
    Exchange exchange = seen.exchange;
    switch (seen.kind()) {
      case 'c' -> {
        exchange.begin(head(200, index, -1));
        exchange.write(page(5));
        exchange.write(page(0));
        exchange.write(page(300));
        seen.answer = text(5) + text(300);
        exchange.end(head(200, index, -1));
      }
      case 'd' -> {
        exchange.begin(head(200, index, 40));
        exchange.write(page(15));
        exchange.write(page(25));
        seen.answer = text(15) + text(25);
        exchange.end();
      }
      case 'f' -> {
        boolean declared = exchange.request().target().endsWith("d");
        exchange.begin(head(200, index, declared ? 1000 : -1));
        exchange.write(new FilePart(FileChannel.open(FILE), 16, 1000));
        seen.answer = text(1000);
        exchange.end();
      }
      case 'w' -> {
        exchange.begin(head(200, index, 40));
        exchange.write(page(39));
        exchange.end();
      }
      case 'm' -> {
        exchange.begin(head(200, index, 40));
        seen.answer = text(40);
        exchange.write(page(41));
        exchange.end();
      }
      case 'x' -> {
        exchange.begin(head(200, index, -1));
        exchange.write(page(10));
        exchange.abort();
      }
      case 'a' -> exchange.abort();
      case 't' -> {
        seen.answer = "late\n";
        exchange.takeOver(504, "late");
        exchange.respond(head(200, index, -1), page(3));
      }
      case 'T' -> {
        exchange.begin(head(200, index, -1));
        exchange.takeOver(504, "late");
        exchange.write(page(3));
      }
      case 'i' -> {
        exchange.inform(head(103, index, -1));
        whole(seen, 200, index, 10);
      }
      case 'n' -> whole(seen, 204, index, 0);
      case 'k' -> whole(seen, 304, index, 10);
      case 'b' -> whole(seen, 200, index, PAGE.length);
      case 'h' -> {
        exchange.begin(head(200, index, -1));
        seen.answer = "";
        exchange.end();
      }
      default -> whole(seen, 200, index, 10);
    }
  }

  private static void whole(Seen seen, int status, int index, int length) {
    seen.answer = text(length);
    seen.exchange.respond(head(status, index, -1), page(length));
  }
}
