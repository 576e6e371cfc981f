/** What lives in it. */
public interface Animal {
  String name();
}
