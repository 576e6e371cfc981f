package dev.sluice.server.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which requests are answered from a folder, and how, as long as nothing special is asked for. */
class StaticFilesTest {
  @TempDir Path folder;
  private Site site;

  @BeforeEach
  void open() {
    site = new Site(folder);
  }

  @AfterEach
  void close() {
    site.close();
  }

  @Test
  void aFileIsSentWithWhatDescribesIt() {
    site.write("a.txt", "content");
    RecordingExchange answer = site.get("/static/a.txt?v=1");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.text()).isEqualTo("content");
    assertThat(answer.headers())
        .containsExactlyInAnyOrder(
            "Content-Type: text/plain; charset=utf-8",
            "Content-Length: 7",
            "Last-Modified: Mon, 06 May 2024 07:08:09 GMT",
            "Accept-Ranges: bytes",
            "X-Content-Type-Options: nosniff",
            "ETag: \"ed7002b439e9ac845f22357d822bac14\"",
            "Cache-Control: no-cache");
  }

  @Test
  void headIsAnsweredAsGetWithoutTheBody() {
    site.write("a.txt", "content");
    RecordingExchange answer = site.ask("HEAD", "/static/a.txt", "range", "bytes=1-2");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.headers()).isEqualTo(site.get("/static/a.txt").headers());
    assertThat(answer.bytes()).isEmpty();
  }

  @Test
  void headOfALargeFileDoesNotOpenIt() {
    site.write("a.bin", new byte[1000], Site.THEN);
    site.serve(inMemory(10));
    site.get("/static/a.bin");
    RecordingExchange answer = site.ask("HEAD", "/static/a.bin");
    assertThat(answer.header("content-length")).isEqualTo("1000");
    assertThat(answer.fileParts()).isZero();
    assertThat(answer.answeredBy()).isEqualTo(Thread.currentThread().getName());
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "get"})
  void otherMethodsAreRefused(String method) {
    site.write("a.txt", "content");
    RecordingExchange answer = site.ask(method, "/static/a.txt");
    assertThat(answer.status()).isEqualTo(405);
    assertThat(answer.header("allow")).isEqualTo("GET, HEAD, OPTIONS");
  }

  @Test
  void optionsAreTold() {
    RecordingExchange answer = site.ask("OPTIONS", "/static/a.txt");
    assertThat(answer.status()).isEqualTo(204);
    assertThat(answer.header("allow")).isEqualTo("GET, HEAD, OPTIONS");
    assertThat(answer.header("content-length")).isNull();
  }

  @Test
  void whatIsNotThereIsNotFound() {
    assertThat(site.get("/static/none.txt").status()).isEqualTo(404);
    assertThat(site.get("/static/none.txt").answeredBy())
        .as("known the second time")
        .isEqualTo(Thread.currentThread().getName());
    assertThat(site.passedOn()).isZero();
  }

  @Test
  void otherPathsGoToTheApplication() {
    site.write("a.txt", "content");
    for (String target :
        List.of("/", "/a.txt", "/staticx/a.txt", "/static%2fa.txt", "/%zz", "*", "/x/static/")) {
      int before = site.passedOn();
      site.get(target);
      assertThat(site.passedOn()).as(target).isEqualTo(before + 1);
    }
  }

  @Test
  void theLongestPrefixAnswers() throws Exception {
    Path inner = Files.createDirectory(folder.resolve("inner"));
    site.write("a.txt", "outer");
    site.write("inner/a.txt", "inner");
    site.serve(Site.OPTIONS, new Mount("/s", folder, false), new Mount("/s/in", inner, false));
    assertThat(site.get("/s/a.txt").text()).isEqualTo("outer");
    assertThat(site.get("/s/in/a.txt").text()).isEqualTo("inner");
    assertThat(site.get("/s/inn").status()).isEqualTo(404);
  }

  @Test
  void theRootFallsThroughToTheApplication() {
    site.write("a.txt", "content");
    site.write("index.html", "home");
    site.write("folder/b.txt", "no index here");
    site.serve(Site.OPTIONS, new Mount("", folder, true));
    assertThat(site.get("/a.txt").text()).isEqualTo("content");
    assertThat(site.get("/").text()).isEqualTo("home");
    int before = site.passedOn();
    for (int round = 0; round < 2; round++) {
      for (String target :
          List.of("/none", "/x/y/z", "/x/other", "/folder", "/.env", "/a%00", "/a.txt/b")) {
        assertThat(site.get(target).text()).as(target).isEqualTo("the application\n");
      }
      assertThat(site.ask("POST", "/a.txt").text()).isEqualTo("the application\n");
      assertThat(site.ask("OPTIONS", "/a.txt").text()).isEqualTo("the application\n");
    }
    assertThat(site.passedOn() - before).isEqualTo(18);
  }

  @Test
  void pathsBelowAMissingTopNeedNoDiskOfTheirOwn() {
    site.serve(Site.OPTIONS, new Mount("", folder, true));
    site.get("/users/1");
    for (int i = 2; i < 50; i++) {
      assertThat(site.get("/users/" + i).answeredBy()).isEqualTo(Thread.currentThread().getName());
    }
    site.write("shop/b/a.txt", "content");
    assertThat(site.get("/shop/c/a.txt").text()).isEqualTo("the application\n");
    assertThat(site.get("/shop/b/a.txt").text()).isEqualTo("content");
  }

  @Test
  void anApplicationThatIsTooBusyIsAnswered503() {
    try (StaticFiles files =
        new StaticFiles(List.of(new Mount("", folder, true)), Site.OPTIONS, exchange -> false)) {
      RecordingExchange first = new RecordingExchange("GET", "/none");
      assertThat(files.accept(first)).isTrue();
      assertThat(first.await().status()).isEqualTo(503);
      assertThat(files.accept(new RecordingExchange("GET", "/none"))).isFalse();
    }
  }

  @Test
  void aFolderIsItsIndex() {
    site.write("index.html", "home");
    site.write("docs/index.html", "docs");
    assertThat(site.get("/static/").text()).isEqualTo("home");
    assertThat(site.get("/static/docs/").text()).isEqualTo("docs");
    assertThat(site.get("/static/docs/").header("content-type"))
        .isEqualTo("text/html; charset=utf-8");
  }

  @Test
  void aFolderWithoutASlashIsElsewhere() {
    site.write("index.html", "home");
    site.write("d\u00f6cs x/index.html", "docs");
    for (int round = 0; round < 2; round++) {
      RecordingExchange answer = site.get("/static/d%C3%B6cs%20x?a=b&c");
      assertThat(answer.status()).isEqualTo(301);
      assertThat(answer.header("location")).isEqualTo("/static/d%C3%B6cs%20x/?a=b&c");
      assertThat(site.get("/static").header("location")).isEqualTo("/static/");
    }
  }

  @Test
  void aRedirectStaysOnThisHost() throws Exception {
    Files.createDirectories(folder.resolve("evil.example"));
    site.write("evil.example/index.html", "trap");
    site.serve(Site.OPTIONS, new Mount("", folder, true));
    for (String target :
        List.of(
            "//evil.example",
            "///evil.example",
            "/%2fevil.example",
            "/\\evil.example",
            "/%5cevil.example",
            "/./evil.example",
            "//evil.example/%2e%2e")) {
      assertThat(site.get(target).text()).as(target).isEqualTo("the application\n");
    }
    assertThat(site.get("http://other.example/evil.example").header("location"))
        .isEqualTo("/evil.example/");
    assertThat(site.get("/evil.example?\u00e9").header("location")).isEqualTo("/evil.example/");
  }

  @Test
  void aFolderWithoutAnIndexIsNotThere() {
    site.write("docs/a.txt", "content");
    assertThat(site.get("/static/docs/").status()).isEqualTo(404);
    assertThat(site.get("/static/docs").status()).isEqualTo(404);
    assertThat(site.get("/static/docs/a.txt/").status()).isEqualTo(404);
  }

  @Test
  void fingerprintedNamesLast() {
    site.write("app.3f2a9c1d.js", "x");
    site.write("app.js", "x");
    assertThat(site.get("/static/app.3f2a9c1d.js").header("cache-control"))
        .isEqualTo("public, max-age=31536000, immutable");
    assertThat(site.get("/static/app.js").header("cache-control")).isEqualTo("no-cache");
    site.serve(Site.OPTIONS.withCacheControl("max-age=60"));
    assertThat(site.get("/static/app.js").header("cache-control")).isEqualTo("max-age=60");
    site.serve(Site.OPTIONS.withCacheControl(""));
    assertThat(site.get("/static/app.js").header("cache-control")).isNull();
  }

  @Test
  void aLargeFileIsSentFromTheDisk() {
    byte[] content = new byte[300_000];
    content[299_999] = 7;
    site.write("a.bin", content, Site.THEN);
    for (int round = 0; round < 2; round++) {
      RecordingExchange answer = site.get("/static/a.bin");
      assertThat(answer.bytes()).isEqualTo(content);
      assertThat(answer.fileParts()).isEqualTo(1);
      assertThat(answer.answeredBy()).startsWith("sluice-files-");
      assertThat(answer.header("etag")).matches("\"[0-9a-f]+-[0-9a-f]+(-[0-9a-f]+)?\"");
    }
    assertThat(site.get("/static/a.bin", "if-none-match", site.get("/static/a.bin").tag()).status())
        .isEqualTo(304);
  }

  @Test
  void aSmallFileIsAnsweredByTheCallersThreadOnceItIsKnown() {
    site.write("a.txt", "content");
    assertThat(site.get("/static/a.txt").answeredBy()).startsWith("sluice-files-");
    for (int i = 0; i < 3; i++) {
      assertThat(site.get("/static/a.txt").answeredBy())
          .isEqualTo(Thread.currentThread().getName());
    }
  }

  @Test
  void anEmptyFileIsAFile() {
    site.write("empty.css", "");
    RecordingExchange answer = site.get("/static/empty.css", "range", "bytes=0-0");
    assertThat(answer.status()).isEqualTo(416);
    assertThat(answer.header("content-range")).isEqualTo("bytes */0");
    assertThat(site.get("/static/empty.css").header("content-length")).isEqualTo("0");
  }

  /** The default options with another size in memory. */
  static FilesOptions inMemory(int largest) {
    FilesOptions d = Site.OPTIONS;
    return new FilesOptions(
        d.cacheControl(),
        true,
        d.smallestGzip(),
        d.largestGzip(),
        largest,
        d.memory(),
        d.fresh(),
        d.threads(),
        d.queue());
  }
}
