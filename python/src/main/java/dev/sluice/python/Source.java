package dev.sluice.python;

import dev.sluice.python.capi.ImportApi;
import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;

/** Compiles and runs source text in {@code __main__}, on an attached thread. */
final class Source {
  private Source() {}

  /** A new reference, or null with an exception set. */
  static long run(String source, int start) {
    long code = compile(source, start);
    if (code == 0) {
      return 0;
    }
    long name = UnicodeApi.fromString("__main__");
    try {
      long globals = ImportApi.moduleDict(ImportApi.addModule(name));
      return ImportApi.evaluate(code, globals, globals);
    } finally {
      ObjectApi.decRef(name);
      ObjectApi.decRef(code);
    }
  }

  private static long compile(String source, int start) {
    Memory.Block text = cString(source);
    Memory.Block fileName = cString("<java>");
    try {
      return ImportApi.compile(text.address(), fileName.address(), start);
    } finally {
      // The memory goes with these objects, and CPython reads it until the call returns.
      Reference.reachabilityFence(text);
      Reference.reachabilityFence(fileName);
    }
  }

  private static Memory.Block cString(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    Memory.Block block = Memory.allocate(utf8.length + 1L);
    Memory.copy(utf8, 0, utf8.length, block.address());
    return block;
  }
}
