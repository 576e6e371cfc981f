package dev.sluice.python.capi;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a thread of Python's runs, read without the GIL, which that thread or another may keep for
 * long; on any one thread at a time, which needs no attachment.
 *
 * <p>Memory of frames that live is not ours to look at: frames go while they are read. So it is
 * read through the system, each object by its type, and a reading counts only if the chain of
 * frames was the same before and after it. Some microseconds a frame.
 */
public final class FrameReader implements AutoCloseable {
  private static final int DEEPEST = 200;
  private static final int LONGEST_TEXT = 1_000;
  private static final int LARGEST_TABLE = 1 << 20;
  private static final int ATTEMPTS = 5;
  private static final int TYPE = 8;
  private static final int SIZE = 16;
  private static final int BYTES = 32;

  /** Where 3.12 goes from C into Python code. */
  private static final String TRAMPOLINE = "<interpreter trampoline>";

  /** What a reference on 3.14's stack has in its lowest bits. */
  private static final long TAG = 3;

  private static final MemorySegment FRAME = Libpython.symbol("PyThreadState_GetFrame");
  private static final MemorySegment CODE = Libpython.symbol("PyFrame_GetCode");
  private static final MemorySegment LINE = Libpython.symbol("PyFrame_GetLineNumber");
  private static final long CODE_TYPE = Libpython.address("PyCode_Type");
  private static final long STR_TYPE = Libpython.address("PyUnicode_Type");
  private static final long BYTES_TYPE = Libpython.address("PyBytes_Type");

  private final OwnMemory memory;
  private final FrameLayout layout;

  private FrameReader(OwnMemory memory, FrameLayout layout) {
    this.memory = memory;
    this.layout = layout;
  }

  /**
   * A function that a thread is in.
   *
   * @param line the line that it is at
   */
  public record Frame(String function, String file, int line) {}

  /** One link of the chain, as numbers. */
  private record Link(long code, long instruction) {}

  /**
   * A reader, which has read the calling thread's innermost frame and found what CPython says of
   * it; on an attached thread that runs Python code.
   *
   * @return empty where the system or this CPython does not tell enough
   */
  public static Optional<FrameReader> open(long ownState) {
    Optional<FrameLayout> layout =
        StrLayout.isKnown() ? FrameLayout.ofThisPython() : Optional.empty();
    OwnMemory memory = layout.isEmpty() ? null : OwnMemory.open();
    if (memory == null) {
      return Optional.empty();
    }
    FrameReader reader = new FrameReader(memory, layout.orElseThrow());
    if (reader.isRight(ownState)) {
      return Optional.of(reader);
    }
    reader.close();
    return Optional.empty();
  }

  private boolean isRight(long ownState) {
    long frame = Shapes.call(FRAME, ownState);
    if (frame == 0) {
      return false;
    }
    long code = Shapes.call(CODE, frame);
    int line = (int) Shapes.call(LINE, frame);
    ObjectApi.decRef(code);
    ObjectApi.decRef(frame);
    for (Link link : chain(ownState)) {
      if (link.code() == code) {
        Frame read = frame(link);
        return read != null && read.line() == line;
      }
    }
    return false;
  }

  /** The system's number of the thread that has this state; 0 if that cannot be read. */
  public int nativeId(long threadState) {
    return (int) memory.word(threadState + layout.nativeId());
  }

  /**
   * What the thread with this state runs, innermost first; empty if it runs no Python code, or goes
   * on so fast that no reading was of one moment.
   */
  public List<Frame> frames(long threadState) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      List<Link> chain = chain(threadState);
      List<Frame> frames = new ArrayList<>();
      for (Link link : chain) {
        Frame frame = frame(link);
        if (frame != null) {
          frames.add(frame);
        }
      }
      if (chain.equals(chain(threadState))) {
        return frames;
      }
    }
    return List.of();
  }

  private List<Link> chain(long threadState) {
    List<Link> chain = new ArrayList<>();
    long frame = memory.word(threadState + layout.frame());
    if (layout.inner() >= 0) {
      frame = memory.word(frame + layout.inner());
    }
    while (frame != 0 && chain.size() < DEEPEST) {
      long code = memory.word(frame + layout.code()) & ~TAG;
      // Where Python begins and ends there is a frame of CPython's own, whose code is nobody's.
      chain.add(new Link(code, memory.word(frame + layout.instruction())));
      frame = memory.word(frame + layout.previous());
    }
    return chain;
  }

  private @Nullable Frame frame(Link link) {
    long code = link.code();
    if (memory.word(code + TYPE) != CODE_TYPE) {
      return null;
    }
    String function = text(memory.word(code + layout.qualifiedName()));
    String file = text(memory.word(code + layout.file()));
    if (function == null || file == null || function.equals(TRAMPOLINE)) {
      return null;
    }
    return new Frame(function, file, line(link));
  }

  private int line(Link link) {
    ByteBuffer first = memory.read(link.code() + layout.firstLine(), Integer.BYTES);
    int firstLine = first == null ? 0 : first.getInt();
    long table = memory.word(link.code() + layout.lineTable());
    long size = memory.word(table + TYPE) == BYTES_TYPE ? memory.word(table + SIZE) : 0;
    long offset = link.instruction() - (link.code() + layout.instructions());
    if (size <= 0 || size > LARGEST_TABLE || offset < 0 || offset > LARGEST_TABLE) {
      return firstLine;
    }
    ByteBuffer bytes = memory.read(table + BYTES, (int) size);
    return bytes == null ? firstLine : LineTable.line(bytes, firstLine, (int) offset / 2);
  }

  private @Nullable String text(long str) {
    ByteBuffer head = memory.read(str, StrLayout.WIDE_DATA);
    if (head == null || head.getLong(TYPE) != STR_TYPE) {
      return null;
    }
    int state = StrLayout.state(head);
    long length = Math.min(head.getLong(StrLayout.LENGTH), LONGEST_TEXT);
    int kind = StrLayout.kindOf(state);
    if (length < 0 || !StrLayout.isCompact(state) || (kind != 1 && kind != 2 && kind != 4)) {
      return null;
    }
    int data = StrLayout.isAscii(state) ? StrLayout.ASCII_DATA : StrLayout.WIDE_DATA;
    ByteBuffer characters = memory.read(str + data, (int) length * kind);
    return characters == null ? null : charset(kind).decode(characters).toString();
  }

  private static Charset charset(int kind) {
    boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    return switch (kind) {
      case 1 -> StandardCharsets.ISO_8859_1;
      case 2 -> little ? StandardCharsets.UTF_16LE : StandardCharsets.UTF_16BE;
      default -> little ? Charset.forName("UTF-32LE") : Charset.forName("UTF-32BE");
    };
  }

  @Override
  public void close() {
    memory.close();
  }
}
