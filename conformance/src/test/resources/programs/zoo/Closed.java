/** Nobody may enter. */
public class Closed extends Exception {
  public Closed(String message) {
    super(message);
  }
}
