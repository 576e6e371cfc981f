package dev.sluice.server.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Media types, fingerprints, dates, mounts and options. */
class TablesTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a.html | text/html; charset=utf-8 | true",
        "a.HTM | text/html; charset=utf-8 | true",
        "a.css | text/css; charset=utf-8 | true",
        "a.js | text/javascript; charset=utf-8 | true",
        "a.mjs | text/javascript; charset=utf-8 | true",
        "a.min.js.map | application/json | true",
        "a.json | application/json | true",
        "a.webmanifest | application/manifest+json | true",
        "a.svg | image/svg+xml | true",
        "a.wasm | application/wasm | true",
        "a.png | image/png | false",
        "a.jpeg | image/jpeg | false",
        "a.webp | image/webp | false",
        "a.avif | image/avif | false",
        "a.ico | image/x-icon | true",
        "a.woff2 | font/woff2 | false",
        "a.ttf | font/ttf | true",
        "a.mp4 | video/mp4 | false",
        "a.mp3 | audio/mpeg | false",
        "a.pdf | application/pdf | false",
        "a.txt | text/plain; charset=utf-8 | true",
        "a.tar.gz | application/gzip | false",
        "a | application/octet-stream | false",
        "a. | application/octet-stream | false",
        "a.exe | application/octet-stream | false",
        "/a.html/b | application/octet-stream | false",
      })
  void mediaTypes(String name, String type, boolean compressible) {
    assertThat(MediaTypes.of(name)).isEqualTo(new MediaTypes.MediaType(type, compressible));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "app.3f2a9c1d.js",
        "/x/app.3f2a9c1d.js",
        "app-55e7cbb9ba48.css",
        "app_3f2a9c1d.min.js",
        "runtime.3f2a9c1d3f2a9c1d3f2a.chunk.js",
        "a.d41d8cd98f00b204e9800998ecf8427e.png",
        "app.3f2a9c1d.js.map",
      })
  void fingerprints(String name) {
    assertThat(CacheRules.isFingerprinted(name)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "app.js",
        "app.3f2a9c1.js",
        "report-20240131.pdf",
        "deadbeef.txt",
        "a.deadbeef.txt",
        "3f2a9c1d.js",
        "app.3F2A9C1D.js",
        "app.3f2a9c1g.js",
        "app3f2a9c1d.js",
        "a.3f2a9c1d",
        "/3f2a9c1d.x3f2a9c1d/a.js",
        "/a.3f2a9c1d.b/app.js",
        "a.1706659200000.js",
        "",
        "a.3f2a9c1d3f2a9c1d3f2a9c1d3f2a9c1d3f2a9c1d3f2a9c1d3f2a9c1d3f2a9c1d3.js",
      })
  void noFingerprints(String name) {
    assertThat(CacheRules.isFingerprinted(name)).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Sun, 06 Nov 1994 08:49:37 GMT | 784111777",
        "Sunday, 06-Nov-94 08:49:37 GMT | 784111777",
        "Sun Nov  6 08:49:37 1994 | 784111777",
        "Sun Nov 16 08:49:37 1994 | 784975777",
        "Thu, 01 Jan 1970 00:00:00 GMT | 0",
        "Sat, 31 Dec 2016 23:59:60 GMT | 1483228799",
        "Friday, 31-Dec-99 23:59:59 GMT | 946684799",
        "Fri, 31 Dec 9999 23:59:59 GMT | 253402300799",
      })
  void dates(String text, long seconds) {
    assertThat(HttpDate.parse(text)).isEqualTo(seconds);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "0",
        "1994",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 8:49:37 GMT",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Xun, 06 Nov 1994 08:49:37 GMT",
        "Sun, -6 Nov 1994 08:49:37 GMT",
        ", 06 Nov 1994",
        "Sun, 06 Nov 1994 08:49:37 GMT GMT",
        "1994-11-06T08:49:37Z",
        "Sun, 06 Nov 1994 08:49:37 GMT                                       ",
      })
  void noDates(String text) {
    assertThat(HttpDate.parse(text)).isEqualTo(HttpDate.NONE);
  }

  @Test
  void datesAreWrittenAsTheyAreRead() {
    for (long seconds = 0; seconds < 4_000_000_000L; seconds += 12_345_678) {
      assertThat(HttpDate.parse(HttpDate.format(seconds))).isEqualTo(seconds);
    }
  }

  @Test
  void mounts(@TempDir Path folder) throws Exception {
    assertThat(Mount.parse("/static=" + folder)).isEqualTo(new Mount("/static", folder, false));
    assertThat(Mount.parse("/static/=" + folder)).isEqualTo(new Mount("/static", folder, false));
    assertThat(Mount.parse("/=" + folder)).isEqualTo(new Mount("", folder, true));
    Path odd = Files.createDirectory(folder.resolve("a=b"));
    assertThat(Mount.parse("/a/b=" + odd)).isEqualTo(new Mount("/a/b", odd, false));
    for (String wrong :
        new String[] {
          "",
          "=",
          "/static",
          "/static=",
          "static=" + folder,
          "=" + folder,
          "/a/../b=" + folder,
          "//=" + folder,
          "/a//b=" + folder,
          "/.git=" + folder,
          "/static=" + folder + "/none"
        }) {
      assertThatThrownBy(() -> Mount.parse(wrong))
          .as(wrong)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageNotContainingAny("null", "Exception");
    }
    assertThat(Mount.parse("/a=" + odd).prefix()).isEqualTo("/a");
  }

  @Test
  void optionsThatMakeNoSense() {
    assertThatThrownBy(() -> FilesOptions.DEFAULT.withCacheControl("a\r\nSet-Cookie: b"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new FilesOptions("", true, 0, 0, 0, 0, Duration.ofSeconds(-1), 1, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new FilesOptions("", true, 0, 0, 0, 0, Duration.ZERO, 0, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new FilesOptions("", true, 0, 0, 0, 0, Duration.ZERO, 1, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
