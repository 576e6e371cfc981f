import java.util.List;

/** Functions of the module, some with the names of Python's own types. */
public final class Keepers {
  private Keepers() {}

  public static List<String> list(int count) {
    return java.util.Collections.nCopies(count, "keeper");
  }

  public static String str(Object value) {
    return String.valueOf(value);
  }

  public static long overload(long value) {
    return value;
  }

  public static String overload(String value) {
    return value;
  }
}
