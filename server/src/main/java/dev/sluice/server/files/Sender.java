package dev.sluice.server.files;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.FilePart;
import dev.sluice.server.exchange.HeaderName;
import dev.sluice.server.exchange.RequestHead;
import dev.sluice.server.exchange.ResponseHead;
import dev.sluice.server.exchange.SharedBytes;
import dev.sluice.server.files.ByteRanges.Kind;
import dev.sluice.server.files.ByteRanges.Range;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Answers with a representation, or a part of it, as conditions and ranges would have it. What is
 * in memory is sent by any thread; what is not by the files' threads, since opening blocks.
 */
final class Sender {
  /**
   * Several ranges of a file on the disk: up to this many bytes are read, and sent in one piece.
   */
  private static final long MOST_READ = 256 * 1024;

  /** Beyond that, so many descriptors are taken up; with more ranges the whole is sent. */
  private static final int MOST_OPEN = 4;

  private static final HeaderName RANGE = HeaderName.of("range");
  private static final SecureRandom RANDOM = new SecureRandom();

  private Sender() {}

  /** Opens the representation's file once more. */
  interface Opener {
    /** Returns null if the file has changed since the representation was made. */
    @Nullable OpenedFile open() throws IOException;
  }

  /** Answers from memory; false if the disk is needed, and nothing has been sent. */
  static boolean send(Exchange exchange, Representation file) {
    try {
      return send(exchange, file, null);
    } catch (IOException e) {
      throw new IllegalStateException("memory has no input and output", e);
    }
  }

  /**
   * Answers, from the disk if need be.
   *
   * @return false if the file has changed, and nothing has been sent
   */
  static boolean send(Exchange exchange, Representation file, @Nullable Opener opener)
      throws IOException {
    RequestHead request = exchange.request();
    switch (Conditions.evaluate(request, file.tag(), file.modified())) {
      case NOT_MODIFIED -> {
        exchange.respond(file.notModified(), empty());
        return true;
      }
      case FAILED -> {
        PlainAnswers.respond(exchange, 412, "the file is another one than the request is for");
        return true;
      }
      case PROCEED -> {}
    }
    if (request.method().equals("HEAD")) {
      exchange.respond(file.whole(), empty());
      return true;
    }
    ByteRanges ranges = ranges(request, file);
    return switch (ranges.kind()) {
      case UNSATISFIABLE -> {
        PlainAnswers.unsatisfiable(exchange, file.size());
        yield true;
      }
      case WHOLE -> sendWhole(exchange, file, opener);
      case SOME -> {
        if (ranges.ranges().size() == 1) {
          yield sendOne(exchange, file, ranges.ranges().getFirst(), opener);
        }
        yield sendSeveral(exchange, file, ranges.ranges(), opener);
      }
    };
  }

  private static ByteRanges ranges(RequestHead request, Representation file) {
    String range = Conditions.single(request, RANGE);
    if (range == null
        || !Conditions.rangeCounts(
            request, file.tag(), file.modified(), System.currentTimeMillis() / 1000)) {
      return ByteRanges.WHOLE;
    }
    ByteRanges ranges = ByteRanges.parse(range, file.size());
    if (file.content() == null
        && ranges.kind() == Kind.SOME
        && ranges.ranges().size() > MOST_OPEN
        && count(ranges.ranges()) > MOST_READ) {
      return ByteRanges.WHOLE;
    }
    return ranges;
  }

  private static boolean sendWhole(Exchange exchange, Representation file, @Nullable Opener opener)
      throws IOException {
    SharedBytes content = file.content();
    if (content != null && content.hold()) {
      try {
        exchange.respond(file.whole(), content);
      } finally {
        content.release();
      }
      return true;
    }
    return sendFile(exchange, file.whole(), 0, file.size(), opener);
  }

  private static boolean sendOne(
      Exchange exchange, Representation file, Range range, @Nullable Opener opener)
      throws IOException {
    ResponseHead head = file.head(206, "Partial Content", range.count(), null);
    head.header("Content-Range", contentRange(range, file.size()));
    SharedBytes content = file.content();
    if (content != null && content.hold()) {
      try {
        exchange.respond(head, content.part((int) range.first(), (int) range.count()));
      } finally {
        content.release();
      }
      return true;
    }
    return sendFile(exchange, head, range.first(), range.count(), opener);
  }

  private static boolean sendFile(
      Exchange exchange, ResponseHead head, long position, long count, @Nullable Opener opener)
      throws IOException {
    if (opener == null) {
      return false;
    }
    OpenedFile opened = opener.open();
    if (opened == null) {
      return false;
    }
    try (Parts parts = new Parts()) {
      parts.opened.add(opened);
      exchange.begin(head);
      exchange.write(parts.take(position, count));
      exchange.end();
    }
    return true;
  }

  /** Files on their way into the exchange; whatever does not get there is closed. */
  private static final class Parts implements AutoCloseable {
    final List<OpenedFile> opened = new ArrayList<>(1);

    FilePart take(long position, long count) {
      return new FilePart(opened.removeFirst().channel(), position, count);
    }

    @Override
    public void close() {
      opened.forEach(OpenedFile::close);
    }
  }

  private static boolean sendSeveral(
      Exchange exchange, Representation file, List<Range> ranges, @Nullable Opener opener)
      throws IOException {
    byte[] random = new byte[15];
    RANDOM.nextBytes(random);
    String boundary = HexFormat.of().formatHex(random);
    List<byte[]> openings = new ArrayList<>(ranges.size());
    byte[] closing = ascii("\r\n--" + boundary + "--\r\n");
    long length = closing.length;
    for (Range range : ranges) {
      byte[] opening =
          ascii(
              "%s--%s\r\nContent-Type: %s\r\nContent-Range: %s\r\n\r\n"
                  .formatted(
                      openings.isEmpty() ? "" : "\r\n",
                      boundary,
                      file.type(),
                      contentRange(range, file.size())));
      openings.add(opening);
      length += opening.length + range.count();
    }
    ResponseHead head =
        file.head(206, "Partial Content", length, "multipart/byteranges; boundary=" + boundary);
    SharedBytes content = file.content();
    if (content != null && content.hold()) {
      ByteBuffer body = ByteBuffer.allocate((int) length);
      try {
        for (int i = 0; i < ranges.size(); i++) {
          Range range = ranges.get(i);
          body.put(openings.get(i));
          body.put(content.part((int) range.first(), (int) range.count()));
        }
      } finally {
        content.release();
      }
      exchange.respond(head, body.put(closing).flip());
      return true;
    }
    if (opener == null) {
      return false;
    }
    return count(ranges) <= MOST_READ
        ? sendRead(exchange, head, ranges, openings, closing, opener)
        : sendParts(exchange, head, ranges, openings, closing, opener);
  }

  /** Several small parts of a file on the disk, in one piece. */
  private static boolean sendRead(
      Exchange exchange,
      ResponseHead head,
      List<Range> ranges,
      List<byte[]> openings,
      byte[] closing,
      Opener opener)
      throws IOException {
    try (OpenedFile opened = opener.open()) {
      if (opened == null) {
        return false;
      }
      ByteBuffer body = ByteBuffer.allocate((int) head.contentLength());
      for (int i = 0; i < ranges.size(); i++) {
        Range range = ranges.get(i);
        body.put(openings.get(i));
        body.limit(body.position() + (int) range.count());
        if (!opened.fill(body, range.first())) {
          return false;
        }
        body.limit(body.capacity());
      }
      exchange.respond(head, body.put(closing).flip());
      return true;
    }
  }

  /** Several large parts of a file on the disk, each with a descriptor of its own. */
  private static boolean sendParts(
      Exchange exchange,
      ResponseHead head,
      List<Range> ranges,
      List<byte[]> openings,
      byte[] closing,
      Opener opener)
      throws IOException {
    try (Parts parts = new Parts()) {
      for (int i = 0; i < ranges.size(); i++) {
        OpenedFile opened = opener.open();
        if (opened == null) {
          return false;
        }
        parts.opened.add(opened);
      }
      exchange.begin(head);
      for (int i = 0; i < ranges.size(); i++) {
        exchange.write(ByteBuffer.wrap(openings.get(i)));
        exchange.write(parts.take(ranges.get(i).first(), ranges.get(i).count()));
      }
      exchange.write(ByteBuffer.wrap(closing));
      exchange.end();
    }
    return true;
  }

  private static long count(List<Range> ranges) {
    long count = 0;
    for (Range range : ranges) {
      count += range.count();
    }
    return count;
  }

  private static String contentRange(Range range, long size) {
    return "bytes " + range.first() + "-" + range.last() + "/" + size;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static ByteBuffer empty() {
    return ByteBuffer.allocate(0);
  }
}
