package dev.sluice.server.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestHeadTest {
  private static final HeaderName A = HeaderName.of("a");
  private static final HeaderName B = HeaderName.of("b");

  private static RequestHead head(int count) {
    RequestHead head = new RequestHead("GET", "/", "HTTP/1.1");
    for (int i = 0; i < count; i++) {
      head.add(i % 3 == 0 ? A : B, Integer.toString(i));
    }
    return head;
  }

  private static List<String> values(RequestHead head) {
    List<String> values = new ArrayList<>();
    for (int i = 0; i < head.headerCount(); i++) {
      values.add(head.headerValue(i));
    }
    return values;
  }

  @Test
  void removesAllOfANameAndKeepsTheOrder() {
    RequestHead head = head(8);
    head.remove(A);
    assertThat(values(head)).containsExactly("1", "2", "4", "5", "7");
    assertThat(head.occurrences(A)).isZero();
    assertThat(head.header(A)).isNull();
    head.remove(A);
    assertThat(head.headerCount()).isEqualTo(5);
    head.remove(B);
    assertThat(head.headerCount()).isZero();
    head.add(A, "again");
    assertThat(head.header(A)).isEqualTo("again");
  }

  @Test
  void removesFromAFullArray() {
    RequestHead head = head(12);
    head.removeIf(name -> name == B);
    assertThat(values(head)).containsExactly("0", "3", "6", "9");
  }

  /** Clients may have filled the table of shared names before somebody asks for a further one. */
  @Test
  void namesThatAreNotSharedAreFoundAsWell() {
    for (int i = 0; i < 2 * HeaderName.MOST; i++) {
      HeaderName.of("x-filling-the-table-" + i);
    }
    RequestHead head = new RequestHead("GET", "/", "HTTP/1.1");
    head.add(HeaderName.of("if-something-new"), "1");
    head.add(HeaderName.of("if-something-else"), "2");
    HeaderName asked = HeaderName.of("if-something-new");
    assertThat(asked.number()).isEqualTo(-1);
    assertThat(head.header(asked)).isEqualTo("1");
    assertThat(head.occurrences(asked)).isEqualTo(1);
  }
}
