package dev.sluice.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sluice.guard.Guards;
import dev.sluice.python.Attached;
import dev.sluice.python.Python;
import dev.sluice.python.PythonOptions;
import dev.sluice.python.SluiceException;
import dev.sluice.server.ServerError;
import dev.sluice.server.http.BindAddress;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The page's server, with a real guard in the one Python that this JVM can open. */
@Timeout(60)
class PageTest {
  private static final Python PYTHON = Python.open(PythonOptions.embedded());

  private static Page page(String host) {
    return page(host, List.of());
  }

  private static Page page(String host, List<URI> origins) {
    return Page.start(new BindAddress.Tcp(host, 0), origins, "program.py", new SlowRequests());
  }

  private static HttpResponse<String> ask(
      String url, String method, String body, String... headers) {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create(url))
              .timeout(Duration.ofSeconds(20))
              .method(method, HttpRequest.BodyPublishers.ofString(body));
      if (headers.length > 0) {
        request.headers(headers);
      }
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private static HttpResponse<String> get(String url, String... headers) {
    return ask(url, "GET", "", headers);
  }

  @Test
  void itsFilesAreThereAndMayNotBeEmbedded() {
    try (Page page = page("127.0.0.1")) {
      HttpResponse<String> index = get(page.url());
      assertThat(index.statusCode()).isEqualTo(200);
      assertThat(index.body())
          .contains("<title>Sluice</title>")
          .doesNotContain("<script>", "style=");
      assertThat(index.headers().firstValue("Content-Security-Policy").orElse(""))
          .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
          .doesNotContain("unsafe");
      assertThat(index.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
      for (String each : index.body().split("\"", -1)) {
        if (each.startsWith("/page/")) {
          assertThat(get(page.url() + each.substring(1)).statusCode()).as(each).isEqualTo(200);
        }
      }
      assertThat(get(page.url() + "page/../Page.class").statusCode()).isEqualTo(404);
      assertThat(get(page.url() + "nothing").statusCode()).isEqualTo(404);
      assertThat(ask(page.url(), "DELETE", "", "X-Sluice-Page", "1").statusCode()).isEqualTo(405);
    }
  }

  @Test
  void elsewhereATokenIsAskedFor() {
    try (Page page = page("0.0.0.0")) {
      String url = page.url().replace("0.0.0.0", "127.0.0.1");
      String bare = url.substring(0, url.indexOf('?'));
      assertThat(get(bare).statusCode()).isEqualTo(401);
      assertThat(get(bare + "api/state").statusCode()).isEqualTo(401);
      assertThat(get(bare + "?token=wrong").statusCode()).isEqualTo(401);
      HttpResponse<String> entered = get(url);
      assertThat(entered.statusCode()).isEqualTo(303);
      assertThat(entered.headers().firstValue("Location")).hasValue("/");
      String cookie = entered.headers().firstValue("Set-Cookie").orElseThrow();
      assertThat(cookie).contains("HttpOnly", "SameSite=Strict");
      String pair = cookie.substring(0, cookie.indexOf(';'));
      assertThat(get(bare, "Cookie", pair).statusCode()).isEqualTo(200);
      assertThat(get(bare + "api/state", "Cookie", pair).statusCode()).isEqualTo(200);
      assertThat(get(bare, "Cookie", pair, "Origin", "http://evil.example").statusCode())
          .isEqualTo(403);
    }
  }

  @Test
  void behindAProxyItsNameIsKnown() {
    URI origin = URI.create("https://blocks.example.com");
    try (Page page = page("127.0.0.1", List.of(origin));
        Page plain = page("127.0.0.1")) {
      assertThat(page.url()).matches("https://blocks\\.example\\.com/\\?token=[0-9a-f]{48}");
      String bare = plain.url().replaceAll("\\d+/$", page.port() + "/");
      assertThat(get(bare).statusCode()).isEqualTo(401);
      HttpResponse<String> entered = get(bare + page.url().substring(page.url().indexOf('?')));
      assertThat(entered.statusCode()).isEqualTo(303);
      String cookie = entered.headers().firstValue("Set-Cookie").orElseThrow();
      assertThat(cookie).contains("HttpOnly", "SameSite=Strict", "Secure");
      String pair = cookie.substring(0, cookie.indexOf(';'));
      for (String path : new String[] {"api/site?policy=off", "api/site?policy=default"}) {
        HttpResponse<String> set =
            ask(
                bare + path,
                "POST",
                "time.sleep at proxied",
                "Cookie",
                pair,
                "X-Sluice-Page",
                "1",
                "Origin",
                origin.toString());
        assertThat(set.statusCode()).isEqualTo(200);
      }
      assertThat(get(bare, "Cookie", pair, "Origin", "https://evil.example").statusCode())
          .isEqualTo(403);
    }
  }

  @Test
  void aSiteIsSetInEveryInterpreterThatHasAGuard() throws InterruptedException {
    try (Page page = page("127.0.0.1");
        Attached py = PYTHON.main().attach()) {
      py.exec(
          """
          import time, sluice.guard
          sluice.guard.install('report')
          def naps():
              with sluice.guard.guarded():
                  time.sleep(0.001)
          naps()
          """);
      String state = py.detached(() -> get(page.url() + "api/state").body());
      assertThat(state)
          .contains("\"program\":\"program.py\"", "\"call\":\"time.sleep\"", "in naps");
      String id = state.replaceAll(".*\"id\":\"(time\\.sleep at [^\"]* in naps)\".*", "$1");
      String plain = page.url() + "api/site?policy=raise";
      assertThat(py.detached(() -> ask(plain, "POST", id).statusCode())).isEqualTo(403);
      HttpResponse<String> set = py.detached(() -> ask(plain, "POST", id, "X-Sluice-Page", "1"));
      assertThat(set.statusCode()).isEqualTo(200);
      assertThat(set.body()).contains("\"late\":[]");
      assertThat(Guards.OF_PROCESS.sites()).isEqualTo(Map.of(id, "raise"));
      py.exec(
          """
          try:
              naps()
              refused = False
          except sluice.guard.BlockingCallError:
              refused = True
          """);
      assertThat(py.eval("refused").as(Boolean.class)).isTrue();
      String undo = page.url() + "api/site?policy=default";
      py.detached(() -> ask(undo, "POST", id, "X-Sluice-Page", "1"));
      py.exec("naps()");
      assertThat(Guards.OF_PROCESS.sites()).isEmpty();
      for (String bad : new String[] {"policy=shout", "", "policy="}) {
        assertThat(
                py.detached(
                        () -> ask(page.url() + "api/site?" + bad, "POST", id, "X-Sluice-Page", "1"))
                    .statusCode())
            .as(bad)
            .isEqualTo(400);
      }
      String chain =
          py.detached(() ->
              get(page.url()
                      + "api/chain?site="
                      + id.replace(" ", "%20").replace("<", "%3C").replace(">", "%3E"))
                  .body());
      assertThat(chain).contains("in naps");
      py.exec("sluice.guard.uninstall()");
    }
  }

  @Test
  void anAddressThatIsTakenIsAnError() {
    try (Page page = page("127.0.0.1")) {
      int port = URI.create(page.url()).getPort();
      assertThatExceptionOfType(SluiceException.class)
          .isThrownBy(() ->
              Page.start(
                  new BindAddress.Tcp("127.0.0.1", port), List.of(), "p", new SlowRequests()))
          .satisfies(e -> assertThat(e.code()).isEqualTo(ServerError.ADDRESS_NOT_BOUND));
    }
  }
}
