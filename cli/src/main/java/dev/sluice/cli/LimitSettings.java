package dev.sluice.cli;

import dev.sluice.server.http.connection.HttpLimits;
import java.util.List;

/** The limits and the times of {@code serve}, in the order of the help text and docs/options.md. */
final class LimitSettings {
  static final Setting LIMIT_QUEUE =
      new Setting(
          "limit-queue",
          new Setting.Whole(1, 1_000_000),
          "N",
          "1024",
          "How many requests may wait for Python; one more is answered 503.");
  static final Setting LIMIT_MICROTHREADS =
      new Setting(
          "limit-microthreads",
          new Setting.Whole(1, 1_000_000),
          "N",
          "10000",
          "How many requests may be microthreads at once, with --microthreads; others wait.");
  static final Setting LIMIT_CONNECTIONS =
      new Setting(
          "limit-connections",
          new Setting.Whole(1, 1_000_000),
          "N",
          "10000",
          "How many connections may be open; one more is answered 503 and closed.");
  static final Setting LIMIT_STREAMS =
      new Setting(
          "limit-streams",
          new Setting.Whole(1, 10_000),
          "N",
          "100",
          "How many requests a connection of HTTP/2 may have open at once; one more is refused.");
  static final Setting LIMIT_REQUEST_LINE =
      new Setting(
          "limit-request-line",
          new Setting.Bytes(64, 1 << 20),
          "BYTES",
          "8K",
          "The longest request line; a longer one is answered 414.");
  static final Setting LIMIT_HEADER_BYTES =
      new Setting(
          "limit-header-bytes",
          new Setting.Bytes(256, 16 << 20),
          "BYTES",
          "64K",
          "The most bytes of all headers of a request; more are answered 431.");
  static final Setting LIMIT_HEADERS =
      new Setting(
          "limit-headers",
          new Setting.Whole(8, 10_000),
          "N",
          "128",
          "The most headers of a request; more are answered 431.");
  static final Setting LIMIT_REQUEST_BODY =
      new Setting(
          "limit-request-body",
          new Setting.Bytes(0, Long.MAX_VALUE),
          "BYTES",
          "1G",
          "The largest body of a request; a larger one is answered 413.");
  static final Setting LIMIT_BODY_IN_MEMORY =
      new Setting(
          "limit-body-in-memory",
          new Setting.Bytes(0, 64 << 20),
          "BYTES",
          "2M",
          "The largest body of a request that is kept in memory: see --request-body.");
  static final Setting LIMIT_BODIES_IN_MEMORY =
      new Setting(
          "limit-bodies-in-memory",
          new Setting.Bytes(0, 1L << 40),
          "BYTES",
          "128M",
          "How much memory the bodies of all requests may have together, beyond 64 KiB for each"
              + " connection; once they have, others are stored in files.");
  static final Setting LIMIT_UPLOAD_RATE =
      new Setting(
          "limit-upload-rate",
          new Setting.Bytes(0, 1 << 30),
          "BYTES",
          "100",
          "The fewest bytes a second at which a body has to arrive, on average, once it has"
              + " taken 10 seconds; a slower one is answered 408. 0 for no limit, neither here nor"
              + " on how long the application waits (--timeout-body).");
  static final Setting TIMEOUT_IDLE =
      new Setting(
          "timeout-idle",
          new Setting.Seconds(86_400),
          "SECONDS",
          "30",
          "How long a new connection may be open before it sends anything. 0 for no limit, as"
              + " with all that follow.");
  static final Setting TIMEOUT_KEEP_ALIVE =
      new Setting(
          "timeout-keep-alive",
          new Setting.Seconds(86_400),
          "SECONDS",
          "75",
          "How long a connection may be idle between two requests.");
  static final Setting TIMEOUT_HANDSHAKE =
      new Setting(
          "timeout-handshake",
          new Setting.Seconds(86_400),
          "SECONDS",
          "10",
          "How long TLS may take to be agreed on, and a proxy to say for whom it speaks.");
  static final Setting TIMEOUT_HEADER =
      new Setting(
          "timeout-header",
          new Setting.Seconds(86_400),
          "SECONDS",
          "20",
          "How long the head of a request may take to arrive, from its first byte on; then it"
              + " is answered 408.");
  static final Setting TIMEOUT_BODY =
      new Setting(
          "timeout-body",
          new Setting.Seconds(86_400),
          "SECONDS",
          "30",
          "How long nothing may come of a body that is being read; then it is answered 408. Where"
              + " the application waits for it while it arrives, that is the time of all waits"
              + " together, with a second more for each 16 KiB that have come (or for each"
              + " --limit-upload-rate, if that is more).");
  static final Setting TIMEOUT_SEND =
      new Setting(
          "timeout-send",
          new Setting.Seconds(86_400),
          "SECONDS",
          "60",
          "How long a client may take nothing of its answer; then its connection is ended.");
  static final Setting TIMEOUT_REQUEST =
      new Setting(
          "timeout-request",
          new Setting.Seconds(86_400),
          "SECONDS",
          "0",
          "How long the application may take to answer, the time in the queue included; then"
              + " the client is answered 504, and the thread gets an exception at its next"
              + " bytecode.");
  static final Setting TIMEOUT_DRAIN =
      new Setting(
          "timeout-drain",
          new Setting.Seconds(86_400),
          "SECONDS",
          "1.5",
          "How long requests in flight may take to finish once SIGTERM or SIGINT has come.");

  static final List<Setting> ALL =
      List.of(
          LIMIT_QUEUE,
          LIMIT_MICROTHREADS,
          LIMIT_CONNECTIONS,
          LIMIT_STREAMS,
          LIMIT_REQUEST_LINE,
          LIMIT_HEADER_BYTES,
          LIMIT_HEADERS,
          LIMIT_REQUEST_BODY,
          LIMIT_BODY_IN_MEMORY,
          LIMIT_BODIES_IN_MEMORY,
          LIMIT_UPLOAD_RATE,
          TIMEOUT_IDLE,
          TIMEOUT_KEEP_ALIVE,
          TIMEOUT_HANDSHAKE,
          TIMEOUT_HEADER,
          TIMEOUT_BODY,
          TIMEOUT_SEND,
          TIMEOUT_REQUEST,
          TIMEOUT_DRAIN);

  private LimitSettings() {}

  static HttpLimits httpLimits(Configuration configuration) {
    return new HttpLimits(
        (int) configuration.bytes(LIMIT_REQUEST_LINE),
        (int) configuration.bytes(LIMIT_HEADER_BYTES),
        configuration.whole(LIMIT_HEADERS),
        configuration.bytes(LIMIT_REQUEST_BODY),
        (int) configuration.bytes(LIMIT_BODY_IN_MEMORY),
        configuration.bytes(LIMIT_BODIES_IN_MEMORY),
        configuration.whole(LIMIT_CONNECTIONS),
        configuration.whole(LIMIT_STREAMS),
        (int) configuration.bytes(LIMIT_UPLOAD_RATE),
        configuration.seconds(TIMEOUT_IDLE),
        configuration.seconds(TIMEOUT_KEEP_ALIVE),
        configuration.seconds(TIMEOUT_HANDSHAKE),
        configuration.seconds(TIMEOUT_HEADER),
        configuration.seconds(TIMEOUT_BODY),
        configuration.seconds(TIMEOUT_SEND));
  }
}
