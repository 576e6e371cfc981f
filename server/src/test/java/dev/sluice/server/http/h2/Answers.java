package dev.sluice.server.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.exchange.Outcome;
import dev.sluice.server.http.h2.FrameClient.Answer;
import java.io.IOException;

/** One request to a server of its own; the observer has to be told of it once, and rightly. */
final class Answers {
  private Answers() {}

  static Answer to(Served.Application application, String method)
      throws IOException, InterruptedException {
    try (Served served = new Served(application);
        FrameClient client = served.connect()) {
      client.headers(1, true, FrameClient.request(method, "/"));
      Answer answer = client.answer(1);
      assertThat(served.failures).isEmpty();
      Outcome outcome = served.outcome();
      assertThat(outcome.complete()).isEqualTo(answer.reset() == null);
      assertThat(served.outcomes).isEmpty();
      return answer;
    }
  }

  static Answer to(Served.Application application) throws IOException, InterruptedException {
    return to(application, "GET");
  }
}
