package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.conformance.harness.Certificates;
import dev.sluice.conformance.harness.Child;
import dev.sluice.conformance.harness.Environ;
import dev.sluice.conformance.harness.Limits;
import dev.sluice.conformance.harness.Project;
import dev.sluice.conformance.harness.Server;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** HTTPS as it is set on the command line, with an application behind it. */
class HttpsTest {
  private static final Pattern HTTP_URL = Pattern.compile("http://127\\.0\\.0\\.1:\\d+");

  @TempDir private static Path folder;
  private static Certificates certificates;

  @BeforeAll
  static void issue() {
    certificates = new Certificates(folder);
    certificates.issue("site");
    certificates.issue("client");
    certificates.issue("locked");
    certificates.lock("locked", "open sesame");
    certificates.issue("triple", "-passout", "pass:open sesame");
  }

  private static Server.Builder serve(String name) {
    return Server.of("validator_apps:app")
        .options("--certfile", certificates.certificate(name).toString())
        .options("--keyfile", certificates.key(name).toString());
  }

  private static HttpResponse<String> get(URI uri, SSLContext trust, HttpClient.Version version) {
    try (HttpClient client = HttpClient.newBuilder().sslContext(trust).version(version).build()) {
      return client.send(
          HttpRequest.newBuilder(uri).timeout(Limits.START).build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private static URI https(Server server, String path) {
    return URI.create("https://localhost:" + server.port() + path);
  }

  @ParameterizedTest
  @EnumSource(HttpClient.Version.class)
  void theApplicationIsToldOfTlsAndOfTheClientsCertificate(HttpClient.Version version) {
    try (Server server =
        serve("site").options("--client-ca", certificates.certificate("ca").toString()).start()) {
      assertThat(server.banner()).endsWith(" at https://127.0.0.1:" + server.port());
      HttpResponse<String> answer =
          get(https(server, "/environ"), certificates.client("client"), version);
      assertThat(answer.version()).isEqualTo(version);
      Environ environ = new Environ(answer.body());
      assertThat(environ.get("wsgi.url_scheme")).isEqualTo("https");
      assertThat(environ.get("HTTPS")).isEqualTo("on");
      assertThat(environ.get("SERVER_PORT")).isEqualTo(Integer.toString(server.port()));
      assertThat(environ.get("SSL_PROTOCOL")).isEqualTo("TLSv1.3");
      assertThat(environ.get("SSL_TLS_SNI")).isEqualTo("localhost");
      assertThat(environ.get("SSL_CLIENT_VERIFY")).isEqualTo("SUCCESS");
      assertThat(environ.get("SSL_CLIENT_S_DN")).isEqualTo("CN=client,O=Sluice");
      assertThat(environ.get("SSL_CLIENT_CERT").replace("\n", ""))
          .isEqualTo(read(certificates.certificate("client")).replace("\n", ""));
      assertThat(server.stopCleanly()).doesNotContain("Traceback", "\tat ");
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aClientWithoutACertificateIsRefusedWhereOneIsWanted() {
    try (Server server =
        serve("site").options("--client-ca", certificates.certificate("ca").toString()).start()) {
      assertThatThrownBy(() ->
              get(https(server, "/environ"), certificates.client(), HttpClient.Version.HTTP_1_1))
          .hasRootCauseInstanceOf(IOException.class);
    }
  }

  @Test
  void plainHttpIsSentToHttpsOnTheSameHost() {
    try (Server server =
        serve("site").options("--bind", "http:127.0.0.1:0", "--redirect-https").start()) {
      Matcher plain = HTTP_URL.matcher(server.banner());
      assertThat(plain.find()).as(server.banner()).isTrue();
      HttpResponse<String> answer =
          get(
              URI.create(plain.group() + "/environ?a=b"),
              certificates.client(),
              HttpClient.Version.HTTP_1_1);
      assertThat(answer.statusCode()).isEqualTo(308);
      String location = "https://127.0.0.1:" + server.port() + "/environ?a=b";
      assertThat(answer.headers().firstValue("location")).hasValue(location);
      assertThat(
              get(URI.create(location), certificates.client(), HttpClient.Version.HTTP_2)
                  .statusCode())
          .isEqualTo(200);
    }
  }

  @Test
  void theEnvironmentHasThePasswordOfTheKey() {
    try (Server server =
        serve("locked").environment("SLUICE_KEY_PASSWORD", "open sesame").start()) {
      assertThat(
              get(https(server, "/environ"), certificates.client(), HttpClient.Version.HTTP_2)
                  .statusCode())
          .isEqualTo(200);
    }
  }

  /** What "openssl req" makes when it is asked for a password. */
  @Test
  void aKeyThatJavaCannotDecryptIsRefusedWithTheCommandThatMendsIt() {
    var arguments = List.of("serve", "validator_apps:app", "--certfile", "triple.pem");
    Map<String, String> environment =
        Map.of(
            "SLUICE_APP_DIR",
            Project.PYTHON.toString(),
            "SLUICE_KEYFILE",
            "triple.key",
            "SLUICE_KEY_PASSWORD",
            "open sesame");
    try (Child child = Child.sluice(folder, environment, arguments)) {
      Child.Ended ended = child.ended(Limits.START);
      assertThat(ended.code()).as(ended.stderr()).isEqualTo(2);
      assertThat(ended.stderr()).contains("error[SL331]", "openssl pkcs8 -topk8");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--certfile site.pem --keyfile locked.key | SL332 | SLUICE_KEY_PASSWORD",
        "--certfile triple.pem --keyfile triple.key | SL332 | SLUICE_KEY_PASSWORD",
        "--certfile site.pem --keyfile client.key | SL333 | belong",
        "--certfile nothing.pem | SL330 | nothing.pem",
        "--certfile site.pem | SL331 | site.pem",
        "--keyfile site.key | SL402 | --certfile",
        "--client-ca ca.pem | SL402 | --certfile",
        "--certfile site.pem --certfile client.pem --keyfile site.key | SL402 | equally often",
        "--redirect-https | SL402 | --certfile",
        "--redirect-https --certfile site.pem --keyfile site.key | SL402 | http:0.0.0.0:80",
        "--proxy-protocol | SL402 | --trusted-proxies",
        "--unix-mode 999 | SL402 | 660",
        "--bind http:nowhere | SL301 | nowhere",
      })
  void whatDoesNotFitIsSaidBeforeAnythingIsServed(String options, String code, String hint) {
    var arguments = new ArrayList<>(List.of("serve", "validator_apps:app"));
    for (String option : options.split(" ", -1)) {
      boolean file = option.endsWith(".pem") || option.endsWith(".key");
      arguments.add(file ? folder.resolve(option).toString() : option);
    }
    Map<String, String> environment = Map.of("SLUICE_APP_DIR", Project.PYTHON.toString());
    try (Child child = Child.sluice(Project.TARGET, environment, arguments)) {
      Child.Ended ended = child.ended(Limits.START);
      assertThat(ended.code()).as(ended.stderr()).isEqualTo(2);
      assertThat(ended.stderr()).contains("error[" + code + "]", hint).doesNotContain("\tat ");
    }
  }
}
