package dev.sluice.cli;

import dev.sluice.server.Operations;
import dev.sluice.server.exchange.RequestObserver;
import dev.sluice.server.http.BindAddress;
import dev.sluice.server.proxies.ForwardedHeaders;
import dev.sluice.server.proxies.TrustedProxies;
import java.util.List;
import java.util.Locale;

/** What those who operate a server set, in the order of the help text and docs/options.md. */
final class OperationSettings {
  static final Setting TRUSTED_PROXIES =
      new Setting(
          "trusted-proxies",
          new Setting.Texts(),
          "ADDRESS|CIDR|unix|*",
          "",
          "The proxies that may say for whom they speak (Forwarded, X-Forwarded-For and -Proto);"
              + " what anybody else says of that is taken out of the request. unix is whoever comes"
              + " by a unix socket, * is everybody.");
  static final Setting FORWARDED =
      new Setting(
          "forwarded",
          new Setting.Choice(List.of("x-forwarded", "forwarded", "either")),
          "WHICH",
          "x-forwarded",
          "Which headers of a trusted proxy count: x-forwarded, forwarded or either (if they do not"
              + " contradict each other). Choose only what the proxy sets itself: what it passes on"
              + " from clients would be believed.");
  static final Setting REQUEST_IDS =
      new Setting(
          "request-ids",
          new Setting.Switch(),
          "",
          "false",
          "Give each request an id: X-Request-ID for the application, in its response and in the"
              + " access log. A trusted proxy's is kept.");
  static final Setting ACCESS_LOG =
      new Setting(
          "access-log",
          new Setting.Text(),
          "FILE|-",
          "",
          "Where requests are logged; - is stdout. Without it they are not.");
  static final Setting ACCESS_LOG_FORMAT =
      new Setting(
          "access-log-format",
          new Setting.Text(),
          "FORMAT",
          "combined",
          "combined, common, json, or a text with tokens such as %(h)s: see docs/behaviour.md.");
  static final Setting LIMIT_ACCESS_LOG =
      new Setting(
          "limit-access-log",
          new Setting.Bytes(4096, 1 << 30),
          "BYTES",
          "1M",
          "How much may wait to be logged; lines beyond it are dropped and counted.");
  static final Setting ADMIN =
      new Setting(
          "admin",
          new Setting.Text(),
          "HOST:PORT|unix:PATH",
          "",
          "Where /-/live, /-/ready and /metrics are answered, also under overload. Without it they"
              + " are not.");

  static final List<Setting> ALL =
      List.of(
          TRUSTED_PROXIES,
          FORWARDED,
          REQUEST_IDS,
          ACCESS_LOG,
          ACCESS_LOG_FORMAT,
          LIMIT_ACCESS_LOG,
          ADMIN);

  private OperationSettings() {}

  static Operations operations(Configuration configuration, RequestObserver observer) {
    String log = configuration.text(ACCESS_LOG);
    String admin = configuration.text(ADMIN);
    List<String> trusted =
        configuration.texts(TRUSTED_PROXIES).stream()
            .flatMap(text -> List.of(text.split(",", -1)).stream())
            .map(String::strip)
            .filter(text -> !text.isEmpty())
            .toList();
    String which = configuration.choice(FORWARDED).toUpperCase(Locale.ROOT).replace('-', '_');
    return new Operations(
        TrustedProxies.of(trusted),
        ForwardedHeaders.Kind.valueOf(which),
        configuration.isOn(REQUEST_IDS),
        log.isEmpty() ? null : log.equals("-") ? log : configuration.path(ACCESS_LOG).toString(),
        configuration.text(ACCESS_LOG_FORMAT),
        (int) configuration.bytes(LIMIT_ACCESS_LOG),
        admin.isEmpty() ? null : BindAddress.parse(admin),
        observer);
  }
}
