import dev.sluice.python.Attached;
import dev.sluice.python.Interpreter;
import dev.sluice.python.InterpreterOptions;
import dev.sluice.python.Python;
import dev.sluice.python.PythonOptions;
import java.nio.file.Path;

/** A microthread in an interpreter with a GIL of its own, where greenlet cannot be loaded. */
public final class MicrothreadsOwnGil {
  public static void main(String[] arguments) {
    try (Python python = Python.open(PythonOptions.of(Path.of(arguments[0])));
        Interpreter other = python.newInterpreter(InterpreterOptions.ownGil());
        Attached py = other.attach()) {
      py.exec(
          """
          import asyncio
          from sluice import microthread

          async def main():
              try:
                  await microthread.spawn(print, "spawned")
              except RuntimeError as error:
                  print(error)

          asyncio.run(main())
          """);
    }
  }
}
