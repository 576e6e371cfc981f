package dev.sluice.python;

import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.ImportApi;
import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;

/**
 * Compiles and runs source text in {@code __main__}, on an attached thread. What Python's own
 * {@code compile} refuses in a str is refused alike: null bytes, and lone surrogates.
 */
final class Source {
  private static final long FILE_NAME = Memory.stringForEver("<java>");

  private Source() {}

  /** A new reference, or null with an exception set. */
  static long run(String source, int start) {
    long code = compile(source, start);
    if (code == 0) {
      return 0;
    }
    long name = UnicodeApi.fromString("__main__");
    try {
      long module = name == 0 ? 0 : ImportApi.addModule(name);
      if (module == 0) {
        return 0;
      }
      long globals = ImportApi.moduleDict(module);
      return ImportApi.evaluate(code, globals, globals);
    } finally {
      ObjectApi.decRef(name);
      ObjectApi.decRef(code);
    }
  }

  private static long compile(String source, int start) {
    if (source.indexOf('\0') >= 0) {
      ErrorApi.raise(ErrorApi.Types.SYNTAX_ERROR, "source code string cannot contain null bytes");
      return 0;
    }
    long text = UnicodeApi.fromString(source);
    long utf8 = text == 0 ? 0 : UnicodeApi.utf8(text, 0);
    try {
      return utf8 == 0 ? 0 : ImportApi.compile(utf8, FILE_NAME, start);
    } finally {
      ObjectApi.decRef(text);
    }
  }
}
