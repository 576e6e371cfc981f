package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuggestionsTest {
  @ParameterizedTest
  @CsvSource({"'', '', 0", "serve, serve, 0", "serv, serve, 1", "app-dri, app-dir, 1", "a, '', 1"})
  void countsEdits(String a, String b, int edits) {
    assertThat(Suggestions.distance(a, b)).isEqualTo(edits);
    assertThat(Suggestions.distance(b, a)).isEqualTo(edits);
  }

  @Test
  void suggestsWhatIsNearAndNothingElse() {
    List<String> known = List.of("--bind", "--app-dir", "--threads");
    assertThat(Suggestions.didYouMean("--app-dri", known)).isEqualTo(" Did you mean --app-dir?");
    assertThat(Suggestions.didYouMean("--thread", known)).isEqualTo(" Did you mean --threads?");
    assertThat(Suggestions.didYouMean("--verbosity", known)).isEmpty();
  }
}
