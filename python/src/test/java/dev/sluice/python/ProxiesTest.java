package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Java interfaces over Python objects and modules. */
@Timeout(60)
class ProxiesTest {
  private final Interpreter main = EmbeddedPython.main();

  /** What the tests call Python through. */
  public interface Account {
    int deposit(int amount);

    int getBalance();

    String owner();

    List<Integer> allDeposits();

    void fail();

    int missing();

    default String describe() {
      return owner() + " has " + getBalance();
    }

    default String greet() {
      return "from Java";
    }

    int total(Integer... amounts);
  }

  /** A module. */
  public interface MathModule {
    double sqrt(double x);

    double pi();

    long gcd(long a, long b);
  }

  @BeforeEach
  void define() {
    try (Attached py = main.attach()) {
      py.exec(
          """
          class Account:
              owner = 'Ada'
              def __init__(self): self.deposits = []
              def deposit(self, amount):
                  self.deposits.append(amount)
                  return sum(self.deposits)
              def get_balance(self): return sum(self.deposits)
              def all_deposits(self): return tuple(self.deposits)
              def fail(self): raise ValueError('no')
              def greet(self): return 'from Python'
              def total(self, *amounts): return sum(amounts)
              def __repr__(self): return 'an account'
          """);
    }
  }

  private Account account() {
    try (Attached py = main.attach()) {
      return py.eval("Account()").as(Account.class);
    }
  }

  @Test
  void callsObjectsThroughTheirInterface() {
    Account account = account();
    assertThat(account.deposit(2)).isEqualTo(2);
    assertThat(account.deposit(3)).isEqualTo(5);
    assertThat(account.getBalance()).isEqualTo(5);
    assertThat(account.owner()).isEqualTo("Ada");
    assertThat(account.allDeposits()).containsExactly(2, 3);
    assertThat(account.describe()).isEqualTo("Ada has 5");
    assertThat(account.greet()).isEqualTo("from Python");
    assertThat(account.total(1, 2, 3)).isEqualTo(6);
    assertThat(account.total()).isEqualTo(0);
    assertThatThrownBy(account::fail)
        .isInstanceOf(PythonException.class)
        .hasMessageContaining("no");
    assertThatThrownBy(account::missing)
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("\"missing\"");
  }

  @Test
  void keepsTheObjectsIdentity() {
    Account account = account();
    assertThat(account).hasToString("an account");
    try (Attached py = main.attach()) {
      PyObject object = py.toPython(account);
      Account again = object.as(Account.class);
      assertThat(again.equals(account)).isTrue();
      assertThat(again.hashCode()).isEqualTo(account.hashCode());
      assertThat(account.equals(account())).isFalse();
      assertThat(account.equals(null)).isFalse();
    }
  }

  @Test
  void callsModules() {
    MathModule math;
    try (Attached py = main.attach()) {
      math = py.importModule("math").as(MathModule.class);
    }
    assertThat(math.sqrt(9)).isEqualTo(3);
    assertThat(math.pi()).isEqualTo(Math.PI);
    assertThat(math.gcd(12, 18)).isEqualTo(6);
  }

  @Test
  @SuppressWarnings("unchecked")
  void callsFunctions() {
    Function<Object, Object> twice;
    Comparator<Object> byLength;
    BinaryOperator<Long> add;
    try (Attached py = main.attach()) {
      twice = py.eval("lambda x: x * 2").as(Function.class);
      byLength = py.eval("lambda a, b: len(a) - len(b)").as(Comparator.class);
      add = py.eval("lambda a, b: a + b").as(new TypeRef<BinaryOperator<Long>>() {});
    }
    assertThat(twice.apply("ab")).isEqualTo("abab");
    assertThat(twice.andThen(twice).apply(1L)).isEqualTo(4L);
    assertThat(add.apply(1L, 2L)).isEqualTo(3L);
    List<String> names = new ArrayList<>(List.of("ccc", "a", "bb"));
    names.sort(byLength.reversed());
    assertThat(names).containsExactly("ccc", "bb", "a");
  }

  @Test
  void callsFromOtherThreads() throws Exception {
    Account account = account();
    CompletableFuture<Integer> result = new CompletableFuture<>();
    Thread.ofPlatform().start(() -> result.complete(account.deposit(1)));
    assertThat(result.get(20, TimeUnit.SECONDS)).isEqualTo(1);
    CompletableFuture<Object> virtual = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            account.deposit(1);
            account.fail();
          } catch (RuntimeException e) {
            virtual.complete(e);
          }
        });
    assertThat(virtual.get(20, TimeUnit.SECONDS)).isInstanceOf(PythonException.class);
    assertThat(account.getBalance()).isEqualTo(2);
  }
}
