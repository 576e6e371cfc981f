package dev.sluice.cli;

import dev.sluice.python.SluiceException;
import dev.sluice.server.Listening;
import dev.sluice.server.activation.SocketActivation;
import dev.sluice.server.http.BindAddress;
import dev.sluice.server.http.tls.TlsOptions;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where a server listens and what is spoken there, in the order of docs/options.md. */
final class ListenSettings {
  /** Opens keys that are encrypted. An option's value could be seen by other users. */
  static final String KEY_PASSWORD = "SLUICE_KEY_PASSWORD";

  static final Setting BIND =
      new Setting(
          "bind",
          new Setting.Texts(),
          "[http:]HOST:PORT|unix:PATH|fd:N",
          "127.0.0.1:8000",
          "Where to listen; may be given several times. Port 0 lets the system choose: the banner"
              + " tells which. fd:N is a listening socket that the process was started with. With a"
              + " certificate all speak HTTPS, but those that begin with http:. Sockets that systemd"
              + " hands over take the place of all.");
  static final Setting UNIX_MODE =
      new Setting(
          "unix-mode",
          new Setting.Text(),
          "MODE",
          "",
          "The permissions of unix sockets, such as 660. Without it they are what the umask leaves.");
  static final Setting CERTFILE =
      new Setting(
          "certfile",
          new Setting.Texts(),
          "FILE",
          "",
          "A PEM file with the server's certificate first, then those of its issuers; may be given"
              + " several times: clients get the one for the name that they ask for, else the first."
              + " A new file is taken up without a restart.");
  static final Setting KEYFILE =
      new Setting(
          "keyfile",
          new Setting.Texts(),
          "FILE",
          "",
          "The PEM file of a certificate's key, in the order of --certfile. Without it the key is in"
              + " the certificate's file. If it is encrypted, SLUICE_KEY_PASSWORD opens it.");
  static final Setting CLIENT_CA =
      new Setting(
          "client-ca",
          new Setting.Text(),
          "FILE",
          "",
          "A PEM file of authorities: clients have to show a certificate of one of them.");
  static final Setting REDIRECT_HTTPS =
      new Setting(
          "redirect-https",
          new Setting.Switch(),
          "",
          "false",
          "Send clients that come to an address with http: to HTTPS instead of serving them.");
  static final Setting HTTPS_PORT =
      new Setting(
          "https-port",
          new Setting.Whole(0, 65_535),
          "PORT",
          "0",
          "The port that they are sent to, if it is not that of the first --bind: 443 where a"
              + " container's ports are mapped. 0 is that of the first --bind.");
  static final Setting PROXY_PROTOCOL =
      new Setting(
          "proxy-protocol",
          new Setting.Switch(),
          "",
          "false",
          "Each connection has to begin with a header of the PROXY protocol (version 1 or 2), and to"
              + " come from one of --trusted-proxies.");

  /** All but {@link #BIND}, which comes first of all. */
  static final List<Setting> OTHERS =
      List.of(UNIX_MODE, CERTFILE, KEYFILE, CLIENT_CA, REDIRECT_HTTPS, HTTPS_PORT, PROXY_PROTOCOL);

  private static final String PLAIN = "http:";

  private ListenSettings() {}

  static Listening listening(Configuration configuration, Console console) {
    List<BindAddress> binds = new ArrayList<>();
    List<BindAddress> plain = new ArrayList<>();
    for (String text : addresses(configuration, console.environment())) {
      if (text.startsWith(PLAIN)) {
        plain.add(BindAddress.parse(text.substring(PLAIN.length())));
      } else {
        binds.add(BindAddress.parse(text));
      }
    }
    TlsOptions tls = tls(configuration, console);
    boolean redirect = configuration.isOn(REDIRECT_HTTPS);
    if (redirect && (tls == null || plain.isEmpty())) {
      throw bad(
          REDIRECT_HTTPS,
          tls == null
              ? "needs a certificate: name one with --certfile"
              : "needs an address to send clients from: add one such as --bind http:0.0.0.0:80");
    }
    boolean proxies = configuration.isOn(PROXY_PROTOCOL);
    if (proxies && configuration.isEmpty(OperationSettings.TRUSTED_PROXIES)) {
      throw bad(
          PROXY_PROTOCOL,
          "needs proxies that are trusted: name their addresses with --trusted-proxies");
    }
    return new Listening(
        binds,
        plain,
        tls,
        redirect,
        configuration.whole(HTTPS_PORT),
        proxies,
        mode(configuration.text(UNIX_MODE)));
  }

  /** What the process before this one or systemd hands over, else what the user names. */
  private static List<String> addresses(
      Configuration configuration, Map<String, String> environment) {
    if (!environment.containsKey(HandOver.VARIABLE) && !environment.containsKey("LISTEN_PID")) {
      return configuration.texts(BIND); // most starts need not ask for their number
    }
    long pid = ProcessHandle.current().pid();
    List<String> handedOver = new ArrayList<>(HandOver.addresses(environment, pid));
    if (!handedOver.isEmpty()) {
      return handedOver;
    }
    for (SocketActivation.Inherited socket : SocketActivation.descriptors(environment, pid)) {
      String prefix = socket.name().equals("http") ? PLAIN : "";
      handedOver.add(prefix + "fd:" + socket.descriptor());
    }
    return handedOver.isEmpty() ? configuration.texts(BIND) : handedOver;
  }

  private static @Nullable TlsOptions tls(Configuration configuration, Console console) {
    List<Path> certificates = configuration.files(CERTFILE);
    List<Path> keys = configuration.files(KEYFILE);
    if (certificates.isEmpty()) {
      for (Setting setting : List.of(KEYFILE, CLIENT_CA)) {
        if (!configuration.isEmpty(setting)) {
          throw bad(setting, "needs a certificate: name one with --certfile");
        }
      }
      return null;
    }
    if (!keys.isEmpty() && keys.size() != certificates.size()) {
      throw bad(
          KEYFILE,
          "is given %d times, and --certfile %d times: give both equally often"
              .formatted(keys.size(), certificates.size()));
    }
    List<TlsOptions.Files> files = new ArrayList<>();
    for (int i = 0; i < certificates.size(); i++) {
      Path certificate = certificates.get(i);
      files.add(new TlsOptions.Files(certificate, keys.isEmpty() ? certificate : keys.get(i)));
    }
    return new TlsOptions(
        files,
        configuration.isEmpty(CLIENT_CA) ? null : configuration.path(CLIENT_CA),
        console.environment().get(KEY_PASSWORD));
  }

  /** Permissions as chmod takes them; null for none. */
  private static @Nullable Set<PosixFilePermission> mode(String octal) {
    if (octal.isEmpty()) {
      return null;
    }
    if (!octal.matches("0?[0-7]{3}")) {
      throw bad(UNIX_MODE, "is no mode of three octal digits, such as 660");
    }
    int bits = Integer.parseInt(octal, 8);
    Set<PosixFilePermission> mode = EnumSet.noneOf(PosixFilePermission.class);
    PosixFilePermission[] all = PosixFilePermission.values(); // from the owner's read on
    for (int i = 0; i < all.length; i++) {
      if ((bits & 0400 >> i) != 0) {
        mode.add(all[i]);
      }
    }
    return mode;
  }

  private static SluiceException bad(Setting setting, String problem) {
    return new SluiceException(CliError.BAD_VALUE, setting.flag() + " " + problem + ".");
  }
}
