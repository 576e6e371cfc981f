package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.ListIterator;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.stream.IntStream;
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

  /** What nobody outside of the package sees, with methods that Java implements. */
  interface Hidden {
    String name();

    default String greeting(String mark) throws java.io.IOException {
      if (mark.isEmpty()) {
        throw new java.io.IOException("no mark");
      }
      return "Hello, " + name() + mark;
    }
  }

  /** Of some type. */
  public interface Source<T> {
    T next();

    List<T> all();

    Map<String, ? extends T> named();

    T[] array();
  }

  /** Of a list of some type. */
  public interface Lists<E> extends Source<List<E>> {}

  /** Of strings. */
  public interface Strings extends Source<String> {}

  /** Of lists of shorts. */
  public interface Shorts extends Lists<Short> {}

  /** Whose last arguments are any number. */
  public interface Variable {
    String join(String separator, Object... items);

    int sum(int... numbers);
  }

  /** Without methods. */
  public interface Marker {}

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
  void runsDefaultMethodsThatNobodyElseSees() throws Exception {
    Hidden hidden;
    try (Attached py = main.attach()) {
      hidden = py.eval("__import__('types').SimpleNamespace(name='Ada')").as(Hidden.class);
    }
    assertThat(hidden.greeting("!")).isEqualTo("Hello, Ada!");
    assertThatThrownBy(() -> hidden.greeting("")).isInstanceOf(java.io.IOException.class);
  }

  @Test
  void knowsWhatInheritedTypesStandFor() {
    try (Attached py = main.attach()) {
      py.exec(
          """
          class Source:
              def __init__(self, item): self.item = item
              def next(self): return self.item
              def all(self): return [self.item]
              def named(self): return {'a': self.item}
              def array(self): return (self.item,)
          """);
      Strings strings = py.eval("Source('x')").as(Strings.class);
      String next = strings.next();
      assertThat(next).isEqualTo("x");
      assertThat(strings.all()).containsExactly("x");
      assertThat(strings.array()).isEqualTo(new String[] {"x"});
      Strings numbers = py.eval("Source(5)").as(Strings.class);
      assertThatThrownBy(numbers::next)
          .isInstanceOf(ClassCastException.class)
          .hasMessageContaining("has to give a java.lang.String");
      assertThatThrownBy(numbers::all).isInstanceOf(ClassCastException.class);
      assertThatThrownBy(numbers::named).isInstanceOf(ClassCastException.class);
      assertThatThrownBy(numbers::array).isInstanceOf(ClassCastException.class);
      Shorts shorts = py.eval("Source([5])").as(Shorts.class);
      assertThat(shorts.next()).isEqualTo(List.of((short) 5));
      assertThat(shorts.all()).isEqualTo(List.of(List.of((short) 5)));
      assertThat(shorts.named().get("a")).isEqualTo(List.of((short) 5));
      assertThat(shorts.array()[0]).isEqualTo(List.of((short) 5));
      Source<Long> longs = py.eval("Source(5)").as(new TypeRef<Source<Long>>() {});
      assertThat(longs.all()).containsExactly(5L);
    }
  }

  @Test
  void givesFurtherArgumentsOneByOne() {
    try (Attached py = main.attach()) {
      py.exec(
          """
          class Variable:
              def join(self, separator, *items): return separator.join(map(str, items))
              def sum(self, *numbers): return sum(numbers)
          """);
      Variable variable = py.eval("Variable()").as(Variable.class);
      assertThat(variable.join("-", 1, "b", List.of())).isEqualTo("1-b-[]");
      assertThat(variable.join("-")).isEmpty();
      assertThat(variable.sum(1, 2, 3)).isEqualTo(6);
      assertThat(variable.sum()).isZero();
    }
  }

  @Test
  void refusesProxiesThatCouldDoNothing() {
    try (Attached py = main.attach()) {
      for (Class<?> type :
          List.of(Deque.class, IntStream.class, ListIterator.class, Map.Entry.class)) {
        assertThatThrownBy(() -> py.eval("[1, 2]").as(type))
            .isInstanceOf(ClassCastException.class)
            .hasMessageContaining("a Python list has no value of the Java type " + type.getName())
            .hasMessageContaining("it has no attribute");
      }
      assertThatThrownBy(() -> py.eval("{}").as(SortedMap.class))
          .isInstanceOf(ClassCastException.class);
      for (Class<?> type : List.of(Serializable.class, Marker.class)) {
        assertThatThrownBy(() -> py.eval("Account()").as(type))
            .isInstanceOf(ClassCastException.class)
            .hasMessageContaining("the interface has no methods");
      }
      assertThat(py.eval("'text'").as(Serializable.class)).isEqualTo("text");
      AutoCloseable closeable = py.eval("__import__('io').StringIO()").as(AutoCloseable.class);
      assertThat(closeable).isNotNull();
    }
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
