package dev.sluice.server.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Precompressed siblings, and what is compressed on the fly. */
class CodingsTest {
  private static final String TEXT = "body { color: red }\n".repeat(100);

  @TempDir Path folder;
  private Site site;

  @BeforeEach
  void open() {
    site = new Site(folder);
    site.write("all.js", "plain");
    site.write("all.js.br", "brotli");
    site.write("all.js.zst", "zstandard");
    site.write("all.js.gz", "gzip");
  }

  @AfterEach
  void close() {
    site.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "br, zstd, gzip | brotli",
        "gzip, zstd, br | brotli",
        "gzip, zstd | zstandard",
        "gzip | gzip",
        "x-gzip | gzip",
        "GZIP | gzip",
        "* | brotli",
        "*, br;q=0 | zstandard",
        "br;q=0, *;q=0.5 | zstandard",
        "br;q=0.5, gzip;q=0.8 | gzip",
        "br;q=0.5, gzip;q=0.8, identity | plain",
        "br;q=0.5, identity;q=0.4 | brotli",
        "br;q=0.001 | brotli",
        "br;q=1.000 , gzip | brotli",
        "br ; q=0.5, gzip;q=0.6 | gzip",
        "br;Q=0.5, gzip;q=0.6 | gzip",
        "br;q=0 | plain",
        "br;q=0.000 | plain",
        "deflate, compress | plain",
        "identity | plain",
        "'' | plain",
        "*;q=0 | plain",
        "identity;q=0 | plain",
        "identity;q=0, * | brotli",
        // Malformed weights are not wanted.
        "br;q=2, gzip | gzip",
        "br;q=1.001, gzip | gzip",
        "br;q=0.5000, gzip;q=0.1 | gzip",
        "br;q=, gzip;q=0.1 | gzip",
        "br;q=-1, gzip;q=0.1 | gzip",
        "br;q=.5, gzip;q=0.1 | gzip",
        "br;x=1, gzip;q=0.1 | gzip",
        "bro, gzip;q=0.1 | gzip",
        ",,gzip,, | gzip",
      })
  void theClientChooses(String header, String expected) {
    RecordingExchange answer = site.get("/static/all.js", "accept-encoding", header);
    assertThat(answer.text()).isEqualTo(expected);
    assertThat(answer.header("vary")).isEqualTo("Accept-Encoding");
    assertThat(answer.header("content-type")).isEqualTo("text/javascript; charset=utf-8");
  }

  @Test
  void severalHeadersAreOneList() {
    assertThat(
            site.get("/static/all.js", "accept-encoding", "gzip", "accept-encoding", "br;q=0.5")
                .text())
        .isEqualTo("gzip");
  }

  @Test
  void withoutAHeaderNothingIsCompressed() {
    RecordingExchange answer = site.get("/static/all.js");
    assertThat(answer.text()).isEqualTo("plain");
    assertThat(answer.header("content-encoding")).isNull();
    assertThat(answer.header("vary")).isEqualTo("Accept-Encoding");
  }

  @ParameterizedTest
  @CsvSource({"br,br", "zstd,zstd", "gzip,gzip"})
  void eachHasATagOfItsOwn(String accepted, String coding) {
    RecordingExchange answer = site.get("/static/all.js", "accept-encoding", accepted);
    assertThat(answer.header("content-encoding")).isEqualTo(coding);
    assertThat(answer.tag()).isNotEqualTo(site.get("/static/all.js").tag());
    RecordingExchange same =
        site.get("/static/all.js", "accept-encoding", accepted, "if-none-match", answer.tag());
    assertThat(same.status()).isEqualTo(304);
    assertThat(same.header("vary")).isEqualTo("Accept-Encoding");
    assertThat(site.get("/static/all.js", "if-none-match", answer.tag()).status()).isEqualTo(200);
  }

  @Test
  void tagsDifferEvenIfTheBytesDoNot() {
    site.write("same.js", "x");
    site.write("same.js.br", "x");
    assertThat(site.get("/static/same.js", "accept-encoding", "br").tag())
        .isNotEqualTo(site.get("/static/same.js").tag());
  }

  @Test
  void aRangeIsOfWhatIsSent() {
    RecordingExchange answer =
        site.get("/static/all.js", "accept-encoding", "br", "range", "bytes=1-3");
    assertThat(answer.status()).isEqualTo(206);
    assertThat(answer.text()).isEqualTo("rot");
    assertThat(answer.header("content-range")).isEqualTo("bytes 1-3/6");
    assertThat(answer.header("content-encoding")).isEqualTo("br");
  }

  @Test
  void anOldSiblingIsNotUsed() {
    site.write("old.js", "plain");
    site.write(
        "old.js.br",
        "brotli".getBytes(StandardCharsets.UTF_8),
        Site.THEN.minus(Duration.ofNanos(1)));
    RecordingExchange answer = site.get("/static/old.js", "accept-encoding", "br");
    assertThat(answer.text()).isEqualTo("plain");
    assertThat(answer.header("vary")).isNull();
  }

  @Test
  void aSiblingMayBeAskedForItself() {
    RecordingExchange answer = site.get("/static/all.js.gz", "accept-encoding", "gzip");
    assertThat(answer.text()).isEqualTo("gzip");
    assertThat(answer.header("content-encoding")).isNull();
    assertThat(answer.header("content-type")).isEqualTo("application/gzip");
  }

  @Test
  void aSiblingAloneIsNoFile() {
    site.write("alone.js.br", "brotli");
    assertThat(site.get("/static/alone.js", "accept-encoding", "br").status()).isEqualTo(404);
  }

  @Test
  void aLargeSiblingIsSentFromTheDisk() {
    site.serve(StaticFilesTest.inMemory(5));
    RecordingExchange answer = site.get("/static/all.js", "accept-encoding", "br");
    assertThat(answer.text()).isEqualTo("brotli");
    assertThat(answer.fileParts()).isEqualTo(1);
    assertThat(answer.tag()).endsWith("-br\"");
  }

  private static String unzip(byte[] bytes) {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @CsvSource({"262144", "100"})
  void compressesOnTheFlyOnce(int inMemory) {
    site.write("a.css", TEXT);
    site.serve(StaticFilesTest.inMemory(inMemory));
    site.get("/static/a.css");
    RecordingExchange first = site.get("/static/a.css", "accept-encoding", "gzip");
    assertThat(first.answeredBy()).startsWith("sluice-files-");
    assertThat(unzip(first.bytes())).isEqualTo(TEXT);
    assertThat(first.header("content-encoding")).isEqualTo("gzip");
    assertThat(first.header("vary")).isEqualTo("Accept-Encoding");
    assertThat(first.tag()).endsWith("-gz\"").isNotEqualTo(site.get("/static/a.css").tag());
    RecordingExchange second = site.get("/static/a.css", "accept-encoding", "gzip");
    assertThat(second.answeredBy()).isEqualTo(Thread.currentThread().getName());
    assertThat(second.bytes()).isEqualTo(first.bytes());
    assertThat(second.tag()).isEqualTo(first.tag());
    assertThat(site.get("/static/a.css").header("vary")).isEqualTo("Accept-Encoding");
  }

  @Test
  void theSameBytesAreTheSameTagAfterARestart() {
    site.write("a.css", TEXT);
    String tag = site.get("/static/a.css", "accept-encoding", "gzip").tag();
    site.serve(Site.OPTIONS);
    assertThat(site.get("/static/a.css", "accept-encoding", "gzip").tag()).isEqualTo(tag);
  }

  @Test
  void aSiblingOfAnotherCodingDoesNotKeepGzipAway() {
    site.write("a.css", TEXT);
    site.write("a.css.br", "brotli");
    assertThat(unzip(site.get("/static/a.css", "accept-encoding", "gzip").bytes())).isEqualTo(TEXT);
    assertThat(site.get("/static/a.css", "accept-encoding", "gzip, br").text()).isEqualTo("brotli");
  }

  @Test
  void whatIsTooSmallTooLargeOrOfAnotherTypeIsNot() {
    site.write("small.css", "x".repeat(1023));
    site.write("least.css", "x".repeat(1024));
    site.write("most.css", "x".repeat(1024 * 1024));
    site.write("large.css", "x".repeat(1024 * 1024 + 1));
    site.write("a.png", TEXT);
    site.write("unknown", TEXT);
    for (String name : new String[] {"small.css", "large.css", "a.png", "unknown"}) {
      RecordingExchange answer = site.get("/static/" + name, "accept-encoding", "gzip");
      assertThat(answer.header("content-encoding")).as(name).isNull();
      assertThat(answer.header("vary")).as(name).isNull();
    }
    for (String name : new String[] {"least.css", "most.css"}) {
      assertThat(site.get("/static/" + name, "accept-encoding", "gzip").header("content-encoding"))
          .as(name)
          .isEqualTo("gzip");
    }
  }

  @Test
  void whatDoesNotBecomeSmallerIsNot() {
    byte[] noise = new byte[4000];
    new Random(1).nextBytes(noise);
    site.write("noise.txt", noise, Site.THEN);
    for (int round = 0; round < 2; round++) {
      RecordingExchange answer = site.get("/static/noise.txt", "accept-encoding", "gzip");
      assertThat(answer.bytes()).isEqualTo(noise);
      assertThat(answer.header("content-encoding")).isNull();
    }
    assertThat(site.get("/static/noise.txt", "accept-encoding", "gzip").answeredBy())
        .as("not tried again")
        .isEqualTo(Thread.currentThread().getName());
  }

  @Test
  void aLongHeaderTakesLinearTime() {
    String header = "a,".repeat(500_000) + ";".repeat(500_000) + ",gzip";
    long start = System.nanoTime();
    assertThat(Coding.weights(header)[Coding.GZIP.index]).isEqualTo(1001);
    assertThat(System.nanoTime() - start).isLessThan(2_000_000_000L);
  }
}
