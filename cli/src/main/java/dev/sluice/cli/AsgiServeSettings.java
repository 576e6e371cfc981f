package dev.sluice.cli;

import dev.sluice.bridge.LoopOptions.WrongThread;
import dev.sluice.server.AsgiSettings;
import dev.sluice.server.asgi.AsgiOptions.LifespanMode;
import dev.sluice.server.http.connection.WebSocketLimits;
import java.util.List;
import java.util.Locale;

/** The settings of applications of ASGI. */
final class AsgiServeSettings {
  private static final Setting LIFESPAN =
      new Setting(
          "lifespan",
          new Setting.Choice(List.of("auto", "on", "off")),
          "MODE",
          "auto",
          "ASGI: whether the application is told when the server starts and ends: auto serves it"
              + " also if it takes no part, on does not, off does not ask it.");
  private static final Setting LIMIT_REQUESTS =
      new Setting(
          "limit-requests",
          new Setting.Whole(1, 10_000_000),
          "N",
          "10000",
          "ASGI: the most requests and WebSockets that are with the application; one more is"
              + " answered 503.");
  private static final Setting CANCEL_ON_DISCONNECT =
      new Setting(
          "cancel-on-disconnect",
          new Setting.Switch(),
          "",
          "false",
          "ASGI: cancel a request's task when its client closes the connection, or its own side of"
              + " it, before the response has ended.");

  private static final Setting LIMIT_WS_MESSAGE =
      new Setting(
          "limit-ws-message",
          new Setting.Bytes(1, 1L << 30),
          "BYTES",
          "16M",
          "WebSocket: the largest message, decompressed, and the largest frame; beyond it closed"
              + " with 1009.");
  private static final Setting LIMIT_WS_QUEUE =
      new Setting(
          "limit-ws-queue",
          new Setting.Whole(1, 100_000),
          "N",
          "32",
          "WebSocket: how many messages are kept beside those that the application has yet to"
              + " receive, before nothing more is read.");
  private static final Setting TIMEOUT_WS_PING =
      new Setting(
          "timeout-ws-ping",
          new Setting.Seconds(86_400),
          "SECONDS",
          "20",
          "WebSocket: how often the client is asked whether it is still there; 0 for never.");
  private static final Setting TIMEOUT_WS_PONG =
      new Setting(
          "timeout-ws-pong",
          new Setting.Seconds(86_400),
          "SECONDS",
          "20",
          "WebSocket: how long its answer may take; beyond it closed with 1011. 0 for any time.");
  private static final Setting TIMEOUT_WS_CLOSE =
      new Setting(
          "timeout-ws-close",
          new Setting.Seconds(86_400),
          "SECONDS",
          "10",
          "WebSocket: how long the client may take to agree to the end. 0 for any time.");
  private static final Setting WS_COMPRESSION =
      new Setting(
          "ws-compression",
          new Setting.Choice(List.of("on", "off")),
          "WHETHER",
          "on",
          "WebSocket: whether messages are compressed for clients that offer it"
              + " (permessage-deflate).");

  static final List<Setting> ALL =
      List.of(
          LIFESPAN,
          LIMIT_REQUESTS,
          CANCEL_ON_DISCONNECT,
          Settings.WRONG_THREAD,
          LIMIT_WS_MESSAGE,
          LIMIT_WS_QUEUE,
          TIMEOUT_WS_PING,
          TIMEOUT_WS_PONG,
          TIMEOUT_WS_CLOSE,
          WS_COMPRESSION);

  private AsgiServeSettings() {}

  static AsgiSettings settings(Configuration configuration) {
    return new AsgiSettings(
        LifespanMode.valueOf(configuration.choice(LIFESPAN).toUpperCase(Locale.ROOT)),
        configuration.whole(LIMIT_REQUESTS),
        configuration.isOn(CANCEL_ON_DISCONNECT),
        WrongThread.valueOf(configuration.choice(Settings.WRONG_THREAD).toUpperCase(Locale.ROOT)),
        webSockets(configuration));
  }

  private static WebSocketLimits webSockets(Configuration configuration) {
    int message = (int) configuration.bytes(LIMIT_WS_MESSAGE);
    return new WebSocketLimits(
        message,
        message,
        configuration.whole(LIMIT_WS_QUEUE),
        configuration.seconds(TIMEOUT_WS_PING),
        configuration.seconds(TIMEOUT_WS_PONG),
        configuration.seconds(TIMEOUT_WS_CLOSE),
        configuration.choice(WS_COMPRESSION).equals("on"));
  }
}
