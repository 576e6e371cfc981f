package dev.sluice.dashboard;

import dev.sluice.guard.watch.Watching;
import dev.sluice.server.http.BindAddress;
import dev.sluice.server.http.HttpServer;
import dev.sluice.server.http.connection.HttpLimits;
import dev.sluice.server.http.connection.Serving;
import java.net.URI;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The page that shows who blocks, on an address of its own; started and closed by any thread that
 * may block. It sees all guards of the process, also those installed later, and may be closed after
 * Python is.
 */
public final class Page implements AutoCloseable {
  private static final int MOST_WAITING = 64;
  private static final long BODY = 64 * 1024;

  private final HttpServer http;
  private final Attendance attendance;
  private final ExecutorService setting;
  private final int port;
  private final String url;

  private Page(
      HttpServer http, Attendance attendance, ExecutorService setting, int port, String url) {
    this.http = http;
    this.attendance = attendance;
    this.setting = setting;
    this.port = port;
    this.url = url;
  }

  /**
   * Starts it.
   *
   * @param origins where proxies show it, as in {@code https://name}, in lower case; a token is
   *     needed then, and the first one is the URL
   * @param program what runs, for the page's title
   * @param requests the slowest requests, told by whoever serves some
   * @throws dev.sluice.python.SluiceException SL302 if the address cannot be bound
   */
  public static Page start(
      BindAddress.Tcp address, List<URI> origins, String program, SlowRequests requests) {
    Door door = Door.of(address.host(), origins);
    Attendance attendance = Attendance.start();
    ExecutorService setting =
        new ThreadPoolExecutor(
            0,
            1,
            1,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MOST_WAITING),
            Thread.ofPlatform().daemon().name("sluice-page-set").factory());
    PageHandler handler = new PageHandler(door, new Facts(program, attendance, requests), setting);
    HttpServer http = new HttpServer(Serving.plain(limits(), handler), 1);
    try {
      http.bind(address);
    } catch (RuntimeException e) {
      http.close();
      attendance.close();
      setting.shutdownNow();
      throw e;
    }
    String url = http.urls().getFirst() + "/";
    int port = URI.create(url).getPort();
    handler.setPort(port);
    String token = door.token();
    Watching.begin();
    String shown = origins.isEmpty() ? url : origins.getFirst() + "/";
    String whole = token == null ? url : shown + "?token=" + token;
    return new Page(http, attendance, setting, port, whole);
  }

  private static HttpLimits limits() {
    HttpLimits usual = HttpLimits.DEFAULT;
    return new HttpLimits(
        usual.requestLine(),
        usual.headerBytes(),
        usual.headers(),
        BODY,
        (int) BODY,
        BODY * MOST_WAITING,
        256,
        usual.streams(),
        usual.uploadRate(),
        usual.idle(),
        usual.keepAlive(),
        usual.handshake(),
        usual.header(),
        usual.body(),
        usual.send());
  }

  /** Where it is, with the token if one is needed: for whoever may see it. */
  public String url() {
    return url;
  }

  /** The port it listens on. */
  int port() {
    return port;
  }

  @Override
  public void close() {
    http.close();
    attendance.close();
    setting.shutdownNow();
    Watching.end();
  }
}
