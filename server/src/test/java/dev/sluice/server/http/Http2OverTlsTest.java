package dev.sluice.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.server.http.connection.HttpLimits;
import dev.sluice.server.http.tls.Authority;
import dev.sluice.server.http.tls.Tls;
import dev.sluice.server.http.tls.TlsEngine;
import dev.sluice.server.http.tls.TlsOptions;
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
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** HTTP/2 that was agreed on inside TLS, with a client of another make: the JDK's. */
class Http2OverTlsTest {
  private static final Authority AUTHORITY = new Authority("authority");

  @TempDir Path folder;

  private interface Use {
    void with(HttpClient client, String url) throws IOException, InterruptedException;
  }

  private void serve(TlsEngine engine, HttpLimits limits, Use use) throws Exception {
    Authority.Issued issued = AUTHORITY.issue("EC", "localhost");
    Tls tls = Tls.open(new TlsOptions(List.of(issued.write(folder, "site")), null, null), engine);
    try (Site site = new Site(limits);
        HttpClient client = HttpClient.newBuilder().sslContext(AUTHORITY.client()).build()) {
      int port = site.bind(ListenerOptions.plain(Site.ANY_PORT).withTls(tls));
      use.with(client, "https://localhost:" + port);
    }
  }

  private static HttpRequest request(String url) {
    return HttpRequest.newBuilder(URI.create(url)).build();
  }

  @ParameterizedTest
  @EnumSource(TlsEngine.class)
  void aHundredStreamsOfOneConnection(TlsEngine engine) throws Exception {
    serve(
        engine,
        HttpLimits.DEFAULT,
        (client, url) -> {
          HttpResponse<String> first = client.send(request(url + "/"), BodyHandlers.ofString());
          assertThat(first.version()).isEqualTo(HttpClient.Version.HTTP_2);
          assertThat(first.body()).startsWith("https 127.0.0.1 ").contains("[localhost]");
          List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
          for (int i = 0; i < 100; i++) {
            answers.add(client.sendAsync(request(url + "/"), BodyHandlers.ofString()));
          }
          for (CompletableFuture<HttpResponse<String>> answer : answers) {
            assertThat(answer.join().body()).as("one connection").isEqualTo(first.body());
          }
        });
  }

  @ParameterizedTest
  @EnumSource(TlsEngine.class)
  void largeAnswersAndFilesArriveWhole(TlsEngine engine) throws Exception {
    Path file = folder.resolve("file");
    byte[] content = new byte[3_000_001];
    for (int i = 0; i < content.length; i++) {
      content[i] = Site.byteAt(i);
    }
    Files.write(file, content);
    serve(
        engine,
        HttpLimits.DEFAULT,
        (client, url) -> {
          assertThat(
                  client.send(request(url + "/large/3000001"), BodyHandlers.ofByteArray()).body())
              .isEqualTo(content);
          assertThat(client.send(request(url + "/file" + file), BodyHandlers.ofByteArray()).body())
              .isEqualTo(content);
        });
  }

  @ParameterizedTest
  @EnumSource(TlsEngine.class)
  void aFileThatBecomesShorterEndsItsStreamOnly(TlsEngine engine) throws Exception {
    Path file = folder.resolve("file");
    Files.write(file, new byte[3_000_000]);
    serve(
        engine,
        HttpLimits.DEFAULT,
        (client, url) -> {
          String before = client.send(request(url + "/"), BodyHandlers.ofString()).body();
          assertThatThrownBy(
                  () -> client.send(request(url + "/shrinking" + file), BodyHandlers.ofByteArray()))
              .isInstanceOf(IOException.class);
          assertThat(client.send(request(url + "/"), BodyHandlers.ofString()).body())
              .as("the same connection")
              .isEqualTo(before);
        });
  }
}
