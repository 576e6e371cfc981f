package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Child;
import dev.sluice.conformance.harness.Limits;
import dev.sluice.conformance.harness.Server;
import dev.sluice.conformance.harness.WebSocketClient;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Applications of both kinds at one port, each below its prefix. */
class MountTest {
  private static Server server;

  @BeforeAll
  static void serve() {
    server =
        Server.asgi("mount_apps:modern")
            .options("--mount", "/old=mount_apps:old", "--mount", "/old/new=mount_apps:modern")
            .options("--limit-body-in-memory", "64K")
            .start();
  }

  @AfterAll
  static void stop() {
    assertThat(server.stop().stdout()).contains("modern: shutdown\nmodern: shutdown");
    assertThat(server.log()).isEmpty();
    server.close();
  }

  @Test
  void theBannerNamesAll() {
    assertThat(server.banner())
        .contains(
            "serves mount_apps:modern (ASGI) and mount_apps:old (WSGI below /old)"
                + " and mount_apps:modern (ASGI below /old/new) on CPython");
  }

  @ParameterizedTest
  @CsvSource({
    "/,asgi,'',/",
    "/x/old?a=/old,asgi,'',/x/old",
    "/older,asgi,'',/older",
    "/old%2Fx,asgi,'',/old/x",
    "/old,wsgi,/old,''",
    "/old?x,wsgi,/old,''",
    "/old/,wsgi,/old,/",
    "/old/a%20b,wsgi,/old,/a b",
    "/%6fld/new,asgi,/old/new,/old/new",
    "/old/new/x,asgi,/old/new,/old/new/x",
    "/old/newer,wsgi,/old,/newer",
  })
  void thePathDecides(String target, String kind, String root, String path) {
    assertThat(server.get(target).body())
        .contains(
            "\"kind\": \"%s\", \"root\": \"%s\", \"path\": \"%s\"".formatted(kind, root, path));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/old/"})
  void eachGetsBodiesAsItsKindDoes(String path) {
    assertThat(server.post(path, "x".repeat(300_000)).body()).contains("\"length\": 300000");
    assertThat(server.post(path, "x").body()).contains("\"length\": 1");
  }

  @Test
  void webSocketsGoToTheApplicationsThatHaveThem() {
    try (WebSocketClient opened = WebSocketClient.open(server, "/old/new/socket")) {
      assertThat(opened.send("hello").next()).isEqualTo("text modern hello");
    }
    // To WSGI a handshake is an ordinary request.
    assertThat(WebSocketClient.denied(server, "/old/socket")).isEqualTo(200);
  }

  @Test
  void eachHasItsLifespan() {
    assertThat(server.child().stdout().text()).contains("modern: startup\nmodern: startup");
  }

  @ParameterizedTest
  @CsvSource({
    "/app/old/x,wsgi,/app/old,/x",
    "/old/x,wsgi,/app/old,/x",
    "/app/x,asgi,/app,/app/x",
    "/x,asgi,/app,/app/x",
  })
  void prefixesAreBelowTheRootPath(String target, String kind, String root, String path) {
    try (Server below =
        Server.asgi("mount_apps:modern")
            .options("--mount", "/old=mount_apps:old", "--root-path", "/app")
            .start()) {
      assertThat(below.get(target).body())
          .contains(
              "\"kind\": \"%s\", \"root\": \"%s\", \"path\": \"%s\"".formatted(kind, root, path));
    }
  }

  @Test
  void anApplicationOfWsgiMayHaveOthersBelowItToo() {
    try (Server below =
        Server.asgi("mount_apps:old").options("--mount", "/caf\u00e9=mount_apps:modern").start()) {
      assertThat(below.get("/x").body()).contains("\"kind\": \"wsgi\"");
      assertThat(below.get("/caf%C3%A9/x").body())
          .contains("\"kind\": \"asgi\"", "\"raw\": \"/caf%C3%A9/x\"");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"make", "Made", "with_defaults"})
  void aFactoryIsFoundOut(String name) {
    try (Server below =
        Server.asgi("mount_apps:modern").options("--mount", "/m=mount_apps:" + name).start()) {
      assertThat(below.get("/m").body()).contains("\"kind\": \"wsgi\"");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2|old=mount_apps:old|PREFIX=MODULE:APP",
        "2|/old|PREFIX=MODULE:APP",
        "2|/=mount_apps:old|no path of plain segments",
        "2|/a/../b=mount_apps:old|no path of plain segments",
        "2|/a//b=mount_apps:old|no path of plain segments",
        "3|/old=nothing_here:old|there is no module 'nothing_here'",
        "3|/old=mount_apps:young|has no 'young'",
        "4|/old=mount_apps:refusing|the application below /old failed to start up: not today",
      })
  void whatCannotBeMountedIsSaid(int code, String mount, String said) {
    assertFails(Server.asgi("mount_apps:modern").options("--mount", mount), code, said);
  }

  @Test
  void aPrefixHasOneApplication() {
    assertFails(
        Server.asgi("mount_apps:modern")
            .options("--mount", "/old=mount_apps:old", "--mount", "/old/=mount_apps:old"),
        2,
        "there is another application below /old");
  }

  private static void assertFails(Server.Builder builder, int code, String said) {
    try (Child child = builder.launch()) {
      Child.Ended ended = child.ended(Limits.START);
      assertThat(ended.code()).as(ended.stderr()).isEqualTo(code);
      assertThat(ended.stderr()).contains(said).doesNotContain("\tat ");
    }
  }
}
