import dev.sluice.python.ModuleBuilder;
import dev.sluice.python.PythonModule;
import java.util.function.IntBinaryOperator;

/** What {@code import zoo} gives. */
public final class ZooModule implements PythonModule {
  @Override
  public String name() {
    return "zoo";
  }

  @Override
  public void fill(ModuleBuilder module) {
    module
        .type(Zoo.class)
        .type(Animal.class)
        .type(Dog.class)
        .type(Closed.class)
        .functions(Keepers.class)
        .function("add", IntBinaryOperator.class, Integer::sum)
        .value("limit", 12);
  }
}
