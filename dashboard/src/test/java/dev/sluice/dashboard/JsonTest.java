package dev.sluice.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Values as JSON. */
class JsonTest {
  @Test
  void valuesAreWritten() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("a", 1);
    map.put("b", List.of(true, 2.5, "x"));
    map.put("c", new long[] {1, 2});
    map.put("d", new Json.Raw("{\"y\":null}"));
    assertThat(Json.write(map))
        .isEqualTo("{\"a\":1,\"b\":[true,2.5,\"x\"],\"c\":[1,2],\"d\":{\"y\":null}}");
    assertThat(Json.write(Arrays.asList(null, Map.of(), List.of(), Double.NaN)))
        .isEqualTo("[null,{},[],null]");
  }

  @Test
  void textIsQuoted() {
    assertThat(Json.write("a\"b\\c\nd\u0001<é\ud800"))
        .isEqualTo("\"a\\\"b\\\\c\\nd\\u0001<é\\ud800\"");
  }
}
