package dev.sluice.server.wsgi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.fuzz.SentHead;
import java.util.Map;

/** Random heads as an environ. */
public final class EnvironFuzz {
  private EnvironFuzz() {}

  /** Each key is there once, and says what PEP 3333 wants. */
  public static void environ(SentHead sent) {
    String target = sent.target();
    boolean known =
        target.startsWith("/") || target.equals("*") || target.matches("(?is)https?://[^/?].*");
    if (!known) {
      return; // refused before
    }
    for (String root : new String[] {"", "/app"}) {
      Map<String, String> environ =
          EnvironTest.environ(new FakeExchange(sent.method(), target, sent.array()), root);
      assertThat(environ)
          .containsEntry("REQUEST_METHOD", sent.method())
          .containsEntry("REQUEST_URI", target)
          .doesNotContainKeys("HTTP_PROXY", "HTTP_CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING");
      int question = target.indexOf('?');
      assertThat(environ.get("QUERY_STRING"))
          .isEqualTo(question < 0 ? "" : target.substring(question + 1));
      String path = environ.get("PATH_INFO");
      assertThat(path).isNotNull();
      if (target.indexOf('%') < 0 && root.isEmpty() && target.startsWith("/")) {
        assertThat(path).isEqualTo(question < 0 ? target : target.substring(0, question));
      }
      assertThat(environ.keySet()).allMatch(key -> key.matches("[^-a-z_]*(_[^-a-z_]*)*"));
    }
  }
}
