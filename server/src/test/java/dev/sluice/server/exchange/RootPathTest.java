package dev.sluice.server.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which part of a path is an application's own. */
class RootPathTest {
  private static String own(RootPath root, String target) {
    int start = RequestTarget.pathStart(target);
    int end = RequestTarget.pathEnd(target, start);
    int at = root.ownPart(target, start, end);
    return at < 0 ? "elsewhere" : target.substring(at, end);
  }

  @ParameterizedTest
  @CsvSource({
    "/old/x,/x",
    "/old,''",
    "/old/,/",
    "/old?x=/old/y,''",
    "/%6Fl%64/x%2Fy,/x%2Fy",
    "/older,elsewhere",
    "/ol,elsewhere",
    "/old%2Fx,elsewhere",
    "/%2Fold,elsewhere",
    "/old%,elsewhere",
    "/ol%6,elsewhere",
    "//old/x,elsewhere",
    "http://host/old/x?y,/x",
    "http://host,elsewhere",
    "*,elsewhere",
  })
  void aPrefixIsComparedBySegments(String target, String expected) {
    assertThat(own(RootPath.NONE.with("/old"), target)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "/app/old/x,/x,true",
    "/old/x,/x,false",
    "/app/x,elsewhere,false",
    "/app/app/old,elsewhere,false",
    "/app%2Fold,elsewhere,false",
  })
  void aProxyMayHaveRemovedItsPartOrNot(String target, String expected, boolean whole) {
    RootPath root = RootPath.of("/app").with("/old");
    assertThat(root.text()).isEqualTo("/app/old");
    assertThat(own(root, target)).isEqualTo(expected);
    assertThat(root.isWhole(target, 0, target.length())).isEqualTo(whole);
  }

  @Test
  void aPrefixMayBeCalledAsTheProxysPart() {
    RootPath root = RootPath.of("/app").with("/app");
    assertThat(own(root, "/app/app/x")).isEqualTo("/x");
    assertThat(own(root, "/app/x")).isEqualTo("/x");
  }

  @Test
  void aPathBelowNothingIsWhole() {
    assertThat(own(RootPath.NONE, "/a/b?c")).isEqualTo("/a/b");
    assertThat(own(RootPath.of("/app"), "/a/b")).isEqualTo("/a/b");
    assertThat(own(RootPath.of("/app"), "/app")).isEmpty();
  }

  @Test
  void itIsComparedWithTheDecodedPath() {
    RootPath root = RootPath.of("/caf\u00e9 au lait");
    assertThat(own(root, "/caf%C3%A9%20au%20lait/x")).isEqualTo("/x");
    assertThat(root.outerRaw()).isEqualTo("/caf%C3%A9%20au%20lait");
  }
}
