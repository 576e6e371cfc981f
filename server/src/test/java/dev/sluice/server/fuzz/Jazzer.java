package dev.sluice.server.fuzz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs Jazzer for a while, in a process of its own: its instrumentation concerns nobody else, and
 * an input that hangs or eats all memory ends there. What it learns stays in {@code target/fuzz}.
 */
final class Jazzer {
  private static final String MAIN = "com.code_intelligence.jazzer.Jazzer";

  /** An input that takes longer hangs. */
  private static final int SECONDS_AN_INPUT = 25;

  private static final int START_SECONDS = 120;

  /** Its own instrumentation breaks Netty's use of Unsafe; what it looks for is not ours. */
  private static final List<String> UNUSED_DETECTORS =
      List.of(
          "BigDecimal",
          "ClojureLangHooks",
          "Deserialization",
          "ExpressionLanguageInjection",
          "FilePathTraversal",
          "LdapInjection",
          "NamingContextLookup",
          "OsCommandInjection",
          "ReflectiveCall",
          "RegexInjection",
          "RegexRoadblocks",
          "ScriptEngineInjection",
          "ServerSideRequestForgery",
          "SqlInjection",
          "TemplateInjection",
          "UnsafeSanitizer",
          "XPathInjection",
          "XmlParserSsrfGuidance");

  private final FuzzTarget target;
  private final Path folder;
  private final Path seeds;

  Jazzer(FuzzTarget target, Path module) {
    this.target = target;
    folder = module.resolve("target/fuzz").resolve(target.folder());
    seeds = module.resolve("src/test/fuzz").resolve(target.folder());
  }

  /**
   * Looks for inputs that break a rule.
   *
   * @param seed where chance begins: the same way each time, as far as the clock allows; 0 for
   *     another one each time
   * @return what it printed about one; empty if it found none
   * @throws AssertionError if it did not run as it should
   */
  String run(int seconds, int seed) throws IOException, InterruptedException {
    Path corpus = Files.createDirectories(folder.resolve("corpus"));
    Path found = Files.createDirectories(folder.resolve("found"));
    Path temporary = Files.createDirectories(folder.resolve("tmp"));
    Path log = folder.resolve("log");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx512m",
            "-XX:+UseSerialGC",
            "-XX:+EnableDynamicAgentLoading",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dio.netty.leakDetection.level=paranoid",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-Djava.io.tmpdir=" + temporary,
            "-cp",
            System.getProperty("java.class.path"),
            MAIN,
            "--target_class=" + target.className(),
            "--instrumentation_includes=dev.sluice.server.**:io.netty.handler.codec.**",
            "--instrumentation_excludes=dev.sluice.server.fuzz.**",
            "--disabled_hooks=" + detectors(),
            "--reproducer_path=" + temporary,
            "-max_total_time=" + seconds,
            "-seed=" + seed,
            "-timeout=" + SECONDS_AN_INPUT,
            "-rss_limit_mb=0",
            "-print_final_stats=1",
            "-artifact_prefix=" + found + "/",
            corpus.toString(),
            seeds.toString()));
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    boolean ended = process.waitFor(seconds + START_SECONDS, TimeUnit.SECONDS);
    process.destroyForcibly().waitFor();
    String printed = Files.readString(log, StandardCharsets.ISO_8859_1);
    int finding = printed.indexOf("\n== ");
    if (finding >= 0) {
      return printed.substring(finding + 1);
    }
    if (!ended || process.exitValue() != 0 || !printed.contains("\nDone ")) {
      throw new AssertionError("Jazzer did not do its work; see " + log);
    }
    System.out.println(target + ": " + printed.substring(printed.indexOf("\nDone ") + 1).strip());
    return "";
  }

  private static String detectors() {
    String prefix = "com.code_intelligence.jazzer.sanitizers.";
    return prefix + String.join(":" + prefix, UNUSED_DETECTORS);
  }
}
