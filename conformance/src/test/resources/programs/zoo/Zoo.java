import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Whatever makes a stub hard to write. */
public class Zoo implements Iterable<Animal>, AutoCloseable {
  public static final int LIMIT = 3;
  public static Kind favourite = Kind.BIRD;

  public String title = "zoo";
  public final List<String> log = new ArrayList<>();
  public int size = 5;

  private final List<Animal> animals = new ArrayList<>();

  public Zoo() {}

  public Zoo(String title) {
    this.title = title;
  }

  public Zoo(Collection<? extends Animal> animals) {
    this.animals.addAll(animals);
  }

  /** As a field is called. */
  public int size() {
    return animals.size();
  }

  /** As a type of Python's is called. */
  public byte[] bytes(byte[] content, int times) {
    byte[] all = new byte[content.length * times];
    for (int i = 0; i < all.length; i++) {
      all[i] = content[i % content.length];
    }
    return all;
  }

  public boolean property(Object value) {
    return value != null;
  }

  public String from(String self, int lambda) {
    return self + lambda;
  }

  public Map<String, List<Integer>> agesByName(Map<String, ? extends Collection<Integer>> ages) {
    Map<String, List<Integer>> copy = new LinkedHashMap<>();
    ages.forEach((name, all) -> copy.put(name, List.copyOf(all)));
    return copy;
  }

  public Optional<String> nickname(Optional<String> name) {
    return name.map(each -> each + "y");
  }

  public int[] lengths(String[] names) {
    return Stream.of(names).mapToInt(String::length).toArray();
  }

  public Set<String> names() {
    Set<String> names = new java.util.TreeSet<>();
    animals.forEach(each -> names.add(each.name()));
    return names;
  }

  public <T> List<T> mapped(Function<? super Animal, ? extends T> function) {
    List<T> all = new ArrayList<>();
    animals.forEach(each -> all.add(function.apply(each)));
    return all;
  }

  public String text(Supplier<String> supplier) {
    return supplier.get();
  }

  public void forAll(BiConsumer<List<String>, Optional<LocalDate>> consumer) {
    consumer.accept(List.of("a", "b"), Optional.empty());
  }

  public long total(List<? extends Callable<Integer>> tasks) throws Exception {
    long total = 0;
    for (Callable<Integer> task : tasks) {
      total += task.call();
    }
    return total;
  }

  public Function<String, Integer> counter() {
    return String::length;
  }

  public String price(BigDecimal amount, LocalDate day) {
    return amount + " on " + day;
  }

  public String kind(Kind kind) {
    return kind.name();
  }

  public String join(String separator, Object... parts) {
    return Stream.of(parts).map(String::valueOf).collect(
        java.util.stream.Collectors.joining(separator));
  }

  public String add(Animal animal) {
    animals.add(animal);
    return "animal";
  }

  public String add(Plan plan) {
    return "plan";
  }

  public static String both(int number) {
    return "static";
  }

  public String both(String text) {
    return "method";
  }

  public Zoo open(Keeper keeper) throws Closed {
    if (!keeper.opens("gate")) {
      throw new Closed("today");
    }
    return this;
  }

  @Override
  public Iterator<Animal> iterator() {
    return animals.iterator();
  }

  @Override
  public void close() {
    log.add("closed");
  }

  /** Of an object, and so with an unseen parameter. */
  public class Cage {
    public final int number;

    public Cage(int number) {
      this.number = number;
    }

    public String label() {
      return title + number;
    }
  }

  /** Nested. */
  public record Plan(String text, int year) {}

  /** Nested. */
  public enum Kind {
    BIRD,
    FISH
  }

  /** Nested. */
  @FunctionalInterface
  public interface Keeper {
    boolean opens(String gate);
  }
}
