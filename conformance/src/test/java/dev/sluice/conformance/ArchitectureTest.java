package dev.sluice.conformance;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures;
import dev.sluice.conformance.harness.Project;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The folders are the architecture: who may use whom, and what stands in one place only. */
class ArchitectureTest {
  private static final String PYTHON = "dev.sluice.python..";
  private static final String BRIDGE = "dev.sluice.bridge..";
  private static final String GUARD = "dev.sluice.guard..";
  private static final String SERVER = "dev.sluice.server..";
  private static final String DASHBOARD = "dev.sluice.dashboard..";
  private static final String CLI = "dev.sluice.cli..";
  private static final String CAPI = "dev.sluice.python.capi..";
  private static final int LONGEST_FILE = 400;
  private static final List<String> SOURCES =
      List.of(
          "python",
          "bridge",
          "guard",
          "server",
          "dashboard",
          "cli",
          "conformance",
          "benchmarks",
          "examples");

  private static JavaClasses product;

  @BeforeAll
  static void read() {
    product =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(
                "dev.sluice.python",
                "dev.sluice.bridge",
                "dev.sluice.guard",
                "dev.sluice.server",
                "dev.sluice.dashboard",
                "dev.sluice.cli");
    assertThat(product).hasSizeGreaterThan(20);
  }

  /** A rule about classes that are not there would hold for ever. */
  private static void check(ArchRule rule) {
    rule.allowEmptyShould(false).check(product);
  }

  @Test
  void modulesUseOnlyThoseToTheirLeft() {
    check(
        Architectures.layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("python")
            .definedBy(PYTHON)
            .layer("bridge")
            .definedBy(BRIDGE)
            .layer("guard")
            .definedBy(GUARD)
            .layer("server")
            .definedBy(SERVER)
            .layer("dashboard")
            .definedBy(DASHBOARD)
            .layer("cli")
            .definedBy(CLI)
            .whereLayer("python")
            .mayNotAccessAnyLayer()
            .whereLayer("bridge")
            .mayOnlyAccessLayers("python")
            .whereLayer("guard")
            .mayOnlyAccessLayers("python", "bridge")
            .whereLayer("server")
            .mayOnlyAccessLayers("python", "bridge", "guard")
            .whereLayer("dashboard")
            .mayOnlyAccessLayers("python", "bridge", "guard", "server")
            .whereLayer("cli")
            .mayOnlyAccessLayers("python", "bridge", "guard", "server", "dashboard"));
  }

  @Test
  void everyClassBelongsToAModule() {
    check(classes().should().resideInAnyPackage(PYTHON, BRIDGE, GUARD, SERVER, DASHBOARD, CLI));
  }

  @Test
  void foreignFunctionsHaveOneDoor() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(CAPI)
            .should()
            .dependOnClassesThat(
                resideInAPackage("java.lang.foreign..")
                    .and(DescribedPredicate.not(JavaClass.Predicates.type(MemorySegment.class)))));
  }

  @Test
  void theNativeDoorHasFewCallers() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages(
                "dev.sluice.python", "dev.sluice.python.exposed", CAPI, BRIDGE, GUARD, SERVER)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(CAPI));
  }

  @Test
  void aMemorySegmentMayBeSeenOnlyInTheSurfaceOfPython() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages("dev.sluice.python", CAPI)
            .should()
            .dependOnClassesThat(JavaClass.Predicates.type(MemorySegment.class)));
  }

  @Test
  void nettyIsInHttpAndTheLoopOnly() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages("dev.sluice.server.http..", "dev.sluice.bridge.loop..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.netty.."));
  }

  @Test
  void applicationsInterfacesDoNoIo() {
    DescribedPredicate<JavaClass> io =
        resideInAnyPackage("io.netty..", "java.net..", "java.nio.channels..", "java.nio.file..")
            .or(
                describe(
                    "are streams, readers, writers or files of java.io",
                    type ->
                        type.getPackageName().equals("java.io")
                            && !type.isAssignableTo(IOException.class)
                            && !type.isAssignableTo(UncheckedIOException.class)
                            && !type.isEquivalentTo(Serializable.class)));
    check(
        noClasses()
            .that()
            .resideInAnyPackage("dev.sluice.server.wsgi..", "dev.sluice.server.asgi..")
            .should()
            .dependOnClassesThat(io));
  }

  @Test
  void theCommandLineLibraryIsInCliOnly() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(CLI)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("picocli..", "org.tomlj.."));
  }

  @Test
  void filesStaySmall() {
    List<Path> files = SOURCES.stream().flatMap(ArchitectureTest::files).toList();
    assertThat(files).hasSizeGreaterThan(50);
    assertThat(files)
        .filteredOn(file -> lines(file) > LONGEST_FILE)
        .as("files of more than %s lines", LONGEST_FILE)
        .isEmpty();
  }

  /** Every Java and Python file of ours below a folder, whatever was built there left out. */
  private static Stream<Path> files(String folder) {
    Path root = Project.ROOT.resolve(folder);
    try (Stream<Path> all = Files.walk(root)) {
      return all
          .filter(file -> file.toString().endsWith(".java") || file.toString().endsWith(".py"))
          .filter(file -> !("/" + root.relativize(file)).contains("/target/"))
          .toList()
          .stream();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static long lines(Path file) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.count();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
