import dev.sluice.python.ModuleBuilder;
import dev.sluice.python.PythonModule;

/** What {@code import foo} gives; META-INF/services names this class. */
public final class FooModule implements PythonModule {
  public FooModule() {}

  @Override
  public String name() {
    return "foo";
  }

  @Override
  public void fill(ModuleBuilder module) {
    module.type(Foo.class);
  }
}
