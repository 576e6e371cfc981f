package dev.sluice.conformance;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.WaitForSelectorState;
import dev.sluice.conformance.harness.Child;
import dev.sluice.conformance.harness.Chromium;
import dev.sluice.conformance.harness.Limits;
import dev.sluice.conformance.harness.Project;
import dev.sluice.conformance.harness.Server;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** The page of --dashboard, used by a browser. */
@Tag("slow")
@Timeout(240)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // by start
class PageTest {
  private static final Pattern URL = Pattern.compile("http://\\S+");
  private static final Path PROGRAM = Project.PYTHON.resolve("guard/programs/page_program.py");
  private static final Path RELAY =
      Project.ROOT.resolve("conformance/src/test/resources/programs/Relay.java");

  private Chromium chromium;
  private Child program;
  private String url;

  @BeforeAll
  void start() {
    assumeTrue(Chromium.find().isPresent(), "there is no chromium on the PATH");
    chromium = Chromium.open();
    program =
        Child.sluice(
            Project.TARGET,
            Map.of(),
            List.of(
                "run",
                "--dashboard",
                "127.0.0.1:0",
                "--java",
                RELAY.toString(),
                PROGRAM.toString()));
    url = urlIn(program.stderr().await(line -> line.startsWith("Dashboard at "), Limits.START));
    program.stdout().await(line -> line.equals("ready"), Limits.START);
  }

  @AfterAll
  void end() {
    if (chromium != null) {
      chromium.close();
    }
    if (program != null) {
      program.close();
    }
  }

  private static String urlIn(String line) {
    var found = URL.matcher(line);
    assertThat(found.find()).as(line).isTrue();
    return found.group();
  }

  private Page open(int width, ColorScheme scheme) {
    Page page = chromium.page(width, 900, scheme);
    page.navigate(url);
    assertThat(page.locator("#live")).hasAttribute("data-state", "live");
    return page;
  }

  /** Has the program do something, and waits until it has. */
  private void once(String what) {
    int seen = program.stdout().lines().size();
    program.line(what);
    program.stdout().awaitAfter(seen, line -> line.equals("done " + what));
  }

  private static Locator row(Page page, String call, String function) {
    return page.locator("#calls tbody tr")
        .filter(new Locator.FilterOptions().setHasText(call))
        .filter(new Locator.FilterOptions().setHasText(" " + function));
  }

  private static int count(Locator row) {
    return Integer.parseInt(row.locator("td.col-count").innerText().replaceAll("\\D", ""));
  }

  private static Locator button(Locator row, String policy) {
    return row.locator("button[data-policy='" + policy + "']");
  }

  private static long millisSince(long nanos) {
    return (System.nanoTime() - nanos) / 1_000_000;
  }

  private static LocatorAssertions.HasTextOptions patiently() {
    return new LocatorAssertions.HasTextOptions().setTimeout((double) Limits.ANSWER.toMillis());
  }

  @Test
  void aCallAppearsAndIsAllowedByAClickAndCountsStop() {
    Page page = open(1280, ColorScheme.LIGHT);
    long made = System.nanoTime();
    program.line("clicked");
    Locator row = row(page, "time.sleep", "clicked");
    row.waitFor();
    long millis = millisSince(made);
    System.out.printf("A blocking call was on the page %d ms after it was asked for.%n", millis);
    assertThat(millis).isLessThan(10_000);
    assertThat(button(row, "report")).hasAttribute("aria-pressed", "true");
    once("clicked");
    assertThat(row.locator("td.col-count")).hasText("2", patiently());

    button(row, "off").click();
    assertThat(button(row, "off")).hasAttribute("aria-pressed", "true");
    assertThat(page.locator("#said")).containsText("allowed now");
    once("clicked");
    once("clicked");
    once("short"); // is counted, and seen no sooner than those would be
    row(page, "time.sleep", "short").waitFor();
    page.waitForTimeout(1_500);
    assertThat(count(row)).isEqualTo(2);

    button(row, "default").click();
    assertThat(button(row, "report")).hasAttribute("aria-pressed", "true");
    once("clicked");
    assertThat(row.locator("td.col-count")).hasText("3", patiently());
    page.context().close();
  }

  @Test
  void callersAreShownAndEscapeClosesThem() {
    once("naps");
    Page page = open(1280, ColorScheme.LIGHT);
    Locator site = row(page, "time.sleep", "naps").locator("button.site");
    site.click();
    Locator dialog = page.locator("#dialog");
    assertThat(dialog).isVisible();
    assertThat(dialog.locator(".frames .python").first()).containsText("page_program.py");
    page.keyboard().press("Escape");
    assertThat(dialog).isHidden();
    assertThat(site).isFocused();
    page.context().close();
  }

  @Test
  void aHeaderSorts() {
    once("naps");
    once("short");
    Page page = open(1280, ColorScheme.LIGHT);
    row(page, "time.sleep", "short").waitFor();
    row(page, "time.sleep", "naps").waitFor();
    Locator header =
        page.locator("#calls th").filter(new Locator.FilterOptions().setHasText("Longest"));
    header.getByRole(AriaRole.BUTTON).click();
    assertThat(header).hasAttribute("aria-sort", "descending");
    header.getByRole(AriaRole.BUTTON).click();
    assertThat(header).hasAttribute("aria-sort", "ascending");
    List<String> sites = page.locator("#calls tbody td.col-site").allInnerTexts();
    assertThat(indexOf(sites, "short")).isLessThan(indexOf(sites, "naps"));
    header.getByRole(AriaRole.BUTTON).click();
    sites = page.locator("#calls tbody td.col-site").allInnerTexts();
    assertThat(indexOf(sites, "naps")).isLessThan(indexOf(sites, "short"));
    page.context().close();
  }

  private static int indexOf(List<String> texts, String part) {
    for (int i = 0; i < texts.size(); i++) {
      if (texts.get(i).contains(part)) {
        return i;
      }
    }
    throw new AssertionError("no " + part + " in " + texts);
  }

  @Test
  void aStallShowsTheLineOfPythonAndTheFrameOfJavaThatCalledIt() {
    Page page = open(1280, ColorScheme.LIGHT);
    Locator stall =
        page.locator("#stalls tbody tr")
            .filter(new Locator.FilterOptions().setHasText("behind"))
            .first();
    // A look may come when the loop is somewhere else, on a busy machine.
    for (int i = 0; i < 30 && stall.count() == 0; i++) {
      once("relayed");
      page.waitForTimeout(1_000);
    }
    stall.locator("button.site").click();
    Locator frames = page.locator("#dialog .frames").first();
    assertThat(frames.locator(".python").first()).containsText("in behind");
    assertThat(frames.locator(".java").filter(new Locator.FilterOptions().setHasText("Relay.pass")))
        .containsText("Relay.java");
    page.context().close();
  }

  @Test
  void javaCodeThatBlocksIsInTheSameTable() {
    Page page = open(1280, ColorScheme.LIGHT);
    Locator row = row(page, "java.lang.Thread.sleep", "Relay.nap");
    // Flight Recorder is at work some time after the program's start.
    for (int i = 0; i < 20 && row.count() == 0; i++) {
      once("java_nap");
      page.waitForTimeout(500);
    }
    page.waitForTimeout(3_000); // what was asked for before is reported now
    int before = count(row);
    long made = System.nanoTime();
    once("java_nap");
    page.waitForCondition(
        () -> count(row) > before,
        new Page.WaitForConditionOptions().setTimeout((double) Limits.ANSWER.toMillis()));
    System.out.printf("Java code that blocked was on the page %d ms later.%n", millisSince(made));
    assertThat(row.locator(".tag")).hasText("java");
    assertThat(row.locator("button[data-policy='raise']")).hasCount(0);
    row.locator("button.site").click();
    assertThat(page.locator("#dialog .frames")).containsText("Relay.java");
    page.context().close();
  }

  @Test
  void itIsUsedWithTheKeyboardOnly() {
    once("keyed");
    Page page = open(1280, ColorScheme.LIGHT);
    row(page, "time.sleep", "keyed").waitFor();
    page.keyboard().press("Tab");
    assertThat(page.locator(".skip")).isFocused();
    page.keyboard().press("Enter");
    assertThat(page.locator("#calls")).isFocused();
    Locator wanted = button(row(page, "time.sleep", "keyed"), "raise");
    for (int i = 0;
        i < 60 && !(Boolean) wanted.evaluate("it => it === document.activeElement");
        i++) {
      page.keyboard().press("Tab");
    }
    assertThat(wanted).isFocused();
    assertThat((String) wanted.evaluate("it => getComputedStyle(it).outlineStyle"))
        .isEqualTo("solid");
    page.keyboard().press("Enter");
    assertThat(wanted).hasAttribute("aria-pressed", "true");
    assertThat(wanted).isFocused();
    Locator again = button(row(page, "time.sleep", "keyed"), "default");
    again.focus();
    page.keyboard().press("Enter");
    assertThat(again).hasCount(0);
    page.context().close();
  }

  @Test
  void aPhoneNeedsNoSidewaysScrolling() {
    once("naps");
    once("held");
    Page page = open(360, ColorScheme.DARK);
    row(page, "time.sleep", "naps").waitFor();
    page.locator("#stalls tbody tr").first().waitFor();
    assertThat((Integer) page.evaluate("document.documentElement.scrollWidth"))
        .isLessThanOrEqualTo(360);
    assertThat(page.locator("#calls tbody tr").first()).hasCSS("display", "grid");
    page.context().close();
  }

  @Test
  void itIsDarkOrLightAsTheSystemIsUntilTheButtonIsUsed() {
    String background = "getComputedStyle(document.body).backgroundColor";
    Page light = open(1280, ColorScheme.LIGHT);
    Page dark = open(1280, ColorScheme.DARK);
    assertThat(dark.evaluate(background)).isNotEqualTo(light.evaluate(background));
    Object wasLight = light.evaluate(background);
    light.locator("#theme").click();
    assertThat(light.evaluate(background)).isEqualTo(dark.evaluate(background));
    light.reload();
    assertThat(light.evaluate(background)).isEqualTo(dark.evaluate(background));
    dark.locator("#theme").click();
    assertThat(dark.evaluate(background)).isEqualTo(wasLight);
    light.context().close();
    dark.context().close();
  }

  @Test
  void itSaysThatTheConnectionIsLost() {
    try (Child other =
        Child.sluice(
            Project.TARGET,
            Map.of(),
            List.of("run", "--dashboard", "127.0.0.1:0", PROGRAM.toString()))) {
      String its =
          urlIn(other.stderr().await(line -> line.startsWith("Dashboard at "), Limits.START));
      Page page = chromium.page(1280, 900, ColorScheme.LIGHT);
      page.navigate(its);
      assertThat(page.locator("#calls .empty")).containsText("Nothing has blocked yet");
      assertThat(page.locator("#live")).hasAttribute("data-state", "live");
      other.close();
      page.locator("#lost")
          .waitFor(new Locator.WaitForOptions().setState(WaitForSelectorState.VISIBLE));
      assertThat(page.locator("#said")).hasText("The connection is lost.");
      page.context().close();
    }
  }

  @Test
  void anAsgiApplicationsCallsAndSlowestRequestsAreShown() {
    try (Server server =
        Server.asgi("page_app:app").options("--dashboard", "127.0.0.1:0").start()) {
      String its = urlIn(server.child().stdout().await("Dashboard at "));
      Page page = chromium.page(1280, 900, ColorScheme.LIGHT);
      page.navigate(its);
      assertThat(server.get("/blocks").body()).isEqualTo("answered");
      long made = System.nanoTime();
      Locator row = row(page, "time.sleep", "views");
      row.waitFor();
      System.out.printf("It was there %d ms after its answer.%n", millisSince(made));
      assertThat(page.locator("#requests tbody td.col-target").first()).hasText("/blocks");
      button(row, "raise").click();
      assertThat(button(row, "raise")).hasAttribute("aria-pressed", "true");
      assertThat(server.get("/blocks").statusCode()).isEqualTo(500);
      page.context().close();
    }
  }
}
