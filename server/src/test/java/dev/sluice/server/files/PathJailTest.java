package dev.sluice.server.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a path looks like, nothing outside of the folder is sent, and nothing hidden in it. */
class PathJailTest {
  private static final String SECRET = "SECRET";

  @TempDir Path above;
  private Path folder;
  private Site site;

  @BeforeEach
  void build() throws IOException {
    folder = Files.createDirectory(above.resolve("www"));
    Files.writeString(above.resolve("secret.txt"), SECRET);
    Files.createDirectory(above.resolve("www-secret"));
    Files.writeString(above.resolve("www-secret/secret.txt"), SECRET);
    site = new Site(folder);
    site.write("a.txt", "content");
    site.write("sub/b.txt", "content");
    site.write(".env", SECRET);
    site.write(".git/config", SECRET);
    site.write("sub/.htpasswd", SECRET);
    site.write("..hidden", SECRET);
    site.write("...", SECRET);
  }

  @AfterEach
  void close() {
    site.close();
  }

  /** Below the prefix; each must be answered 404. */
  static Stream<String> hostile() {
    return Stream.of(
        // Dot segments, as they are and escaped in every way.
        "/..",
        "/../",
        "/../secret.txt",
        "/../../secret.txt",
        "/sub/../../secret.txt",
        "/sub/../a.txt",
        "/./a.txt",
        "/.",
        "/sub/.",
        "/sub/..",
        "/%2e%2e/secret.txt",
        "/%2E%2E/secret.txt",
        "/.%2e/secret.txt",
        "/%2e./secret.txt",
        "/..%2fsecret.txt",
        "/..%2Fsecret.txt",
        "/%2e%2e%2fsecret.txt",
        "/%2e/a.txt",
        "/..;/secret.txt",
        "/sub/..;a=b/../secret.txt",
        "/....//secret.txt",
        "/.../secret.txt",
        "/...",
        "/../www-secret/secret.txt",
        "/%2e%2e/www-secret/secret.txt",
        // Decoded once and never twice.
        "/%252e%252e/secret.txt",
        "/%252e%252e%252fsecret.txt",
        "/..%252fsecret.txt",
        "/%25%32%65%25%32%65/secret.txt",
        "/..%255csecret.txt",
        // Overlong, truncated and invalid UTF-8, and other spellings of dot and slash.
        "/..%c0%afsecret.txt",
        "/%c0%ae%c0%ae/secret.txt",
        "/%e0%80%ae%e0%80%ae/secret.txt",
        "/%f0%80%80%ae/secret.txt",
        "/..%c1%9csecret.txt",
        "/a%c3.txt",
        "/a%ff.txt",
        "/%fe%ff",
        "/%ed%a0%80.txt",
        "/%f5%80%80%80",
        "/a\u00e9.txt",
        "/..%ef%bc%8fsecret.txt",
        "/%ef%bc%8e%ef%bc%8e/secret.txt",
        "/..%u2215secret.txt",
        "/%u002e%u002e/secret.txt",
        // Malformed escapes.
        "/a%.txt",
        "/a.txt%",
        "/a.txt%2",
        "/%zz",
        "/%2",
        "/%%32%65",
        "/a%0x.txt",
        "/%+2e",
        "/%-1",
        // NUL and control characters.
        "/a.txt%00",
        "/a.txt%00.html",
        "/%00",
        "/..%00/secret.txt",
        "/a.txt%0a",
        "/a.txt%0d%0a",
        "/a%09.txt",
        "/a%7f.txt",
        "/a%1b.txt",
        "/a%c2%85.txt",
        "/a.txt\u0000",
        // Empty segments.
        "//a.txt",
        "/sub//b.txt",
        "//",
        "/sub//",
        "///etc/passwd",
        "//etc/passwd",
        // Backslashes and what else Windows would understand.
        "/..\\secret.txt",
        "/..%5csecret.txt",
        "/..%5Csecret.txt",
        "/sub\\b.txt",
        "/sub%5cb.txt",
        "/%5c%5chost%5cshare",
        "/\\\\host\\share",
        "/c:/windows/win.ini",
        "/C:",
        "/C%3A/a.txt",
        "/a.txt:stream",
        "/a.txt::$DATA",
        "/a.txt%3a%3a$DATA",
        "/a.txt.",
        "/a.txt...",
        "/a.txt%20",
        "/a.txt%20.",
        "/sub./b.txt",
        "/sub%20/b.txt",
        "/con",
        "/CON",
        "/aux.txt",
        "/nul",
        "/NUL.txt",
        "/sub/com1",
        "/LPT9.log",
        "/prn.",
        "/com%c2%b9",
        "/conin$",
        "/clock$",
        "/con%20.txt",
        "/%3f/a",
        "/a*.txt",
        "/a%3f.txt",
        "/a%3ctxt",
        "/a%7c",
        "/a%22.txt",
        // Hidden files.
        "/.env",
        "/%2eenv",
        "/.git/config",
        "/.git/",
        "/.git",
        "/sub/.htpasswd",
        "/..hidden",
        "/sub/%2ehtpasswd",
        "/.well-known/.secret",
        "/.well-knownx/a",
        // Names that are too long.
        "/" + "a".repeat(300),
        "/" + "%c3%a9".repeat(200),
        "/" + "a/".repeat(3000) + "b");
  }

  @Test
  void thereAreEnough() {
    assertThat(hostile().distinct().count()).isGreaterThan(110);
  }

  @ParameterizedTest
  @MethodSource("hostile")
  void nothingIsThere(String below) {
    for (int round = 0; round < 2; round++) {
      RecordingExchange answer = site.get("/static" + below);
      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.text()).doesNotContain(SECRET);
      assertThat(site.get("http://host/static" + below).status()).isEqualTo(404);
    }
    assertThat(site.passedOn()).isZero();
  }

  /** The same forms reach the application where a mount falls through, and no file. */
  @ParameterizedTest
  @MethodSource("hostile")
  void nothingIsThereAtTheRoot(String below) {
    site.serve(Site.OPTIONS, new Mount("", folder, true));
    assertThat(site.get(below).text()).isEqualTo("the application\n");
  }

  /** The folder itself has nothing for the names, whatever the check of the path let through. */
  @ParameterizedTest
  @MethodSource("hostile")
  void theJailAloneHolds(String below) throws IOException {
    Jail jail = new Jail(folder);
    String text = below.contains("\u0000") ? "/nul" : below;
    try (OpenedFile file = jail.open(text)) {
      assertThat(file == null || !contains(file, SECRET)).isTrue();
    }
  }

  private static boolean contains(OpenedFile file, String text) throws IOException {
    return new String(file.readAll(), java.nio.charset.StandardCharsets.UTF_8).contains(text);
  }

  @Test
  void ordinaryNamesAreServed() {
    for (String name :
        List.of(
            "a b.txt",
            "\u00fcber.txt",
            "a%b.txt",
            "a+b&c=d.txt",
            "a..b.txt",
            "console.log",
            "~user.txt",
            "\ud83d\ude00.txt",
            ".well-known/security.txt",
            "[a](b)!,;'$@.txt",
            "com10.txt",
            "a-\u2215-b.txt")) {
      site.write(name, name);
      assertThat(site.get("/static" + UrlPath.encode("/" + name)).text()).isEqualTo(name);
    }
    assertThat(site.get("/%73tatic/a.txt").text()).isEqualTo("content");
    assertThat(site.get("/static/%61%2Etxt").text()).isEqualTo("content");
    assertThat(site.get("HTTP://host:80/static/a.txt?/../x").text()).isEqualTo("content");
  }

  @Test
  void linksThatStayInsideAreFollowed() throws IOException {
    link("to-file.txt", folder.resolve("a.txt"));
    link("to-folder", Path.of("sub"));
    link("chain.txt", Path.of("to-folder/../to-file.txt"));
    assertThat(site.get("/static/to-file.txt").text()).isEqualTo("content");
    assertThat(site.get("/static/to-folder/b.txt").text()).isEqualTo("content");
    assertThat(site.get("/static/chain.txt").text()).isEqualTo("content");
  }

  @Test
  void linksThatLeaveAreNotThere() throws IOException {
    link("out.txt", above.resolve("secret.txt"));
    link("relative.txt", Path.of("../secret.txt"));
    link("out", above);
    link("sibling", above.resolve("www-secret"));
    link("root", Path.of("/"));
    link("sub/up", Path.of("../.."));
    link("chain.txt", Path.of("sub/up/secret.txt"));
    link("loop", Path.of("loop"));
    link("broken", Path.of("nowhere"));
    link("back.txt", Path.of("out/www/.env"));
    for (String path :
        List.of(
            "out.txt",
            "relative.txt",
            "out/secret.txt",
            "sibling/secret.txt",
            "root/etc/passwd",
            "sub/up/secret.txt",
            "chain.txt",
            "loop",
            "broken",
            "out",
            "out/www/.env",
            "back.txt")) {
      assertThat(site.get("/static/" + path).status()).as(path).isEqualTo(404);
    }
  }

  @Test
  void linksToHiddenFilesAreNotThere() throws IOException {
    link("env.txt", Path.of(".env"));
    link("git", Path.of(".git"));
    assertThat(site.get("/static/env.txt").status()).isEqualTo(404);
    assertThat(site.get("/static/git/config").status()).isEqualTo(404);
  }

  @Test
  void aCompressedSiblingDoesNotLeaveEither() throws IOException {
    site.write("app.js", "content");
    link("app.js.br", above.resolve("secret.txt"));
    link("app.js.gz", Path.of(".env"));
    RecordingExchange answer = site.get("/static/app.js", "accept-encoding", "br, gzip");
    assertThat(answer.text()).isEqualTo("content");
    assertThat(answer.header("content-encoding")).isNull();
  }

  @Test
  void anIndexDoesNotLeaveEither() throws IOException {
    Files.createDirectory(folder.resolve("docs"));
    link("docs/index.html", above.resolve("secret.txt"));
    assertThat(site.get("/static/docs/").status()).isEqualTo(404);
    assertThat(site.get("/static/docs").status()).isEqualTo(404);
  }

  @Test
  void onlyRegularFilesAreServed() throws Exception {
    Process made =
        new ProcessBuilder("mkfifo", folder.resolve("pipe").toString()).inheritIO().start();
    assertThat(made.waitFor()).isZero();
    link("zero", Path.of("/dev/zero"));
    assertThat(site.get("/static/pipe").status()).isEqualTo(404);
    assertThat(site.get("/static/zero").status()).isEqualTo(404);
    assertThat(site.get("/static/sub").status()).isEqualTo(404);
  }

  @Test
  void theFolderMayBeALinkThatIsChanged() throws IOException {
    Path next = Files.createDirectory(above.resolve("next"));
    Files.writeString(next.resolve("a.txt"), "next");
    Path current = above.resolve("current");
    Files.createSymbolicLink(current, folder);
    site.serve(Site.fresh(Site.OPTIONS, 0), new Mount("/static", current, false));
    assertThat(site.get("/static/a.txt").text()).isEqualTo("content");
    Files.delete(current);
    Files.createSymbolicLink(current, next);
    assertThat(site.get("/static/a.txt").text()).isEqualTo("next");
  }

  private void link(String name, Path target) throws IOException {
    Files.createSymbolicLink(folder.resolve(name), target);
  }
}
