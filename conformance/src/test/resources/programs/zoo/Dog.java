/** One that barks. */
public class Dog implements Animal, Comparable<Dog> {
  private final String name;

  public Dog(String name) {
    this.name = name;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int compareTo(Dog other) {
    return name.compareTo(other.name);
  }
}
