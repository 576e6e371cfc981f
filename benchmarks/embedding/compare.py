"""Runs Sluice and Jep in one JMH run, each benchmark in forks of its own, and compares them.

What a contestant offers several ways for is measured in each of them; its best one counts.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import re
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE = Path(__file__).resolve().parent
DOCS = HERE.parent.parent / "docs" / "benchmarks.md"
RESULTS = HERE / "target" / "results.json"
LOG = HERE / "target" / "jmh.log"
PACKAGE = "dev.sluice.benchmarks.embedding"

BEGIN = "<!-- embedding: begin (written by benchmarks/embedding/run --write-docs) -->"
END = "<!-- embedding: end -->"
PASSED, BELOW, NOT_MEASURED = 0, 1, 2

# Seconds of an iteration, then how many to warm up, to measure, and in how many forks.
FULL = (0.5, 4, 6, 3)
QUICK = (0.4, 3, 4, 1)


class NotMeasuredError(Exception):
    """What went wrong and how to mend it, for the person at the terminal."""


@dataclass(frozen=True)
class Value:
    """A mean, with half the width of JMH's confidence interval (99.9 %)."""

    mean: float
    error: float

    def over(self, other: Value) -> Value:
        """The quotient; the relative errors add as those of independent values do."""
        quotient = self.mean / other.mean
        return Value(quotient, quotient * math.hypot(self.relative(), other.relative()))

    def relative(self) -> float:
        return self.error / self.mean

    def text(self, digits: int) -> str:
        return f"{self.mean:,.{digits}f} ± {self.error:,.{digits}f}"


@dataclass(frozen=True)
class Case:
    """A task, and how many times as fast as Jep Sluice has to be."""

    group: str
    label: str
    needed: float


CASES = (
    Case("Noop", "noop() from Java", 1.0),
    Case("Add", "add(int, int) from Java", 3.0),
    Case("Upper", "upper() of 100 characters from Java", 3.0),
    Case("FromPython", "add(int, int) of Java from Python", 2.0),
)

# Several threads: name of the benchmark without the number of threads, and what it is.
MANY = 8
THREADED = {
    "sluiceBatches": "Sluice, a scope for each 1,000 calls",
    "sluiceCalls": "Sluice, a scope for each call",
    "jepCalls": "Jep, an interpreter for each thread",
}
THREADS_NEEDED = 1.0

PATHS = {
    "jepCall": "PyCallable.call",
    "jepCallAs": "PyCallable.callAs",
    "jepInvoke": "Interpreter.invoke",
    "jepMethod": "target.add(...)",
    "jepBoundMethod": "add = target.add, then add(...)",
    "sluiceFunction": "PyFunction, in an open scope",
    "sluiceFunctionAs": "PyFunction.callAs, in an open scope",
    "sluiceFunctionAttaching": "PyFunction, a scope for each call",
    "sluiceObjectAttaching": "PyObject.call, a scope for each call",
    "sluiceMethod": "target.add(...)",
    "sluiceBoundMethod": "add = target.add, then add(...)",
    "sluiceKeepGilMethod": "target.add(...), @KeepGil",
    "sluiceKeepGilBoundMethod": "add = target.add, then add(...), @KeepGil",
}


class Results:
    def __init__(self, found: dict[tuple[str, str], Value]) -> None:
        self.found = found

    @classmethod
    def read(cls, path: Path) -> Self:
        found = {}
        entries: list[dict[str, Any]] = json.loads(path.read_text())
        for entry in entries:
            group, name = entry["benchmark"].rsplit(".", 2)[1:]
            metric = entry["primaryMetric"]
            found[group, name] = Value(float(metric["score"]), float(metric["scoreError"]))
        return cls(found)

    def ways(self, group: str, contestant: str) -> list[tuple[str, Value]]:
        """All ways of a contestant, the fastest first."""
        ways = [
            (name, value)
            for (where, name), value in self.found.items()
            if where == group and name.startswith(contestant)
        ]
        if not ways:
            raise NotMeasuredError(f"no result of {contestant} for {group}: see {LOG}")
        return sorted(ways, key=lambda way: way[1].mean)

    def threads(self, name: str, count: int) -> Value:
        try:
            return self.found["Threads", f"{name}{count}"]
        except KeyError as missing:
            raise NotMeasuredError(f"no result of {missing}: see {LOG}") from None


@dataclass(frozen=True)
class Table:
    head: Sequence[str]
    rows: Sequence[Sequence[str]]

    def plain(self) -> str:
        widths = [max(map(len, column)) for column in zip(self.head, *self.rows, strict=True)]
        lines = []
        for row in (self.head, *self.rows):
            cells = zip(row, widths, strict=True)
            lines.append("  ".join(cell.ljust(width) for cell, width in cells).rstrip())
        return "\n".join(lines)

    def markdown(self) -> str:
        rule = ["---"] * len(self.head)
        return "\n".join(f"| {' | '.join(row)} |" for row in (self.head, rule, *self.rows))


def ratio_text(ratio: Value) -> str:
    return f"{ratio.text(2)} x"


def best(results: Results) -> Table:
    rows = []
    for case in CASES:
        jep_way, jep = results.ways(case.group, "jep")[0]
        our_way, ours = results.ways(case.group, "sluice")[0]
        ratio = jep.over(ours)
        rows.append(
            (
                case.label,
                f"{jep.text(0)} ({PATHS[jep_way]})",
                f"{ours.text(0)} ({PATHS[our_way]})",
                ratio_text(ratio),
                f"{case.needed:g} x",
            )
        )
    return Table(("", "Jep, ns", "Sluice, ns", "Sluice is faster by", "needed"), rows)


def all_ways(results: Results) -> Table:
    rows = []
    for case in CASES:
        reference = results.ways(case.group, "jep")[0][1]
        for contestant in ("jep", "sluice"):
            for name, value in results.ways(case.group, contestant):
                who = "Jep" if contestant == "jep" else "Sluice"
                ratio = ratio_text(reference.over(value))
                rows.append((case.label, f"{who}: {PATHS[name]}", value.text(0), ratio))
    return Table(("", "way", "ns", "beside Jep's best"), rows)


def threaded(results: Results) -> Table:
    rows = []
    for name, label in THREADED.items():
        one, many = results.threads(name, 1), results.threads(name, MANY)
        rows.append((label, one.text(2), many.text(2), ratio_text(many.over(one))))
    return Table(("noop(), calls/us in all", "1 thread", f"{MANY} threads", "kept"), rows)


def verdict(results: Results) -> int:
    code = PASSED
    lines = []
    for case in CASES:
        ratio = results.ways(case.group, "jep")[0][1].over(results.ways(case.group, "sluice")[0][1])
        lines.append((f"{case.label}: sluice / jep", ratio, case.needed))
    kept = results.threads("sluiceBatches", MANY).over(results.threads("sluiceBatches", 1))
    lines.append((f"sluice, {MANY} threads / 1 thread", kept, THREADS_NEEDED))
    for label, ratio, needed in lines:
        note = ""
        if ratio.mean < needed:
            note, code = ": MISSED", BELOW
        if abs(ratio.mean - needed) < ratio.error:
            note += ", but the target lies within the error: run it again"
        print(f"{label} = {ratio_text(ratio)} (needs {needed:g}){note}")
    return code


def run_jmh(arguments: argparse.Namespace) -> None:
    seconds, warmups, iterations, forks = QUICK if arguments.quick else FULL
    forks = arguments.forks or forks
    folder = Path(sysconfig.get_path("purelib")) / "jep"
    command = [
        str(arguments.java),
        "--enable-native-access=ALL-UNNAMED",
        # JMH's own libraries use what JDK 24 and later warn of.
        "--sun-misc-unsafe-memory-access=allow",
        # The JVM's warnings would go to stdout.
        "-Xlog:disable",
        "-Xlog:all=error:stderr",
        "-XX:+UseSerialGC",
        f"-Dembedding.environment={sys.prefix}",
        f"-Dembedding.jep.library={folder / 'libjep.so'}",
        f"-Dembedding.measured={HERE}",
        "-cp",
        arguments.class_path,
        "org.openjdk.jmh.Main",
        *("-foe", "true", "-f", str(forks), "-rf", "json", "-rff", str(RESULTS)),
        *("-wi", str(warmups), "-i", str(iterations)),
        *("-w", f"{seconds * 1000:.0f}ms", "-r", f"{seconds * 1000:.0f}ms"),
        f"{re.escape(PACKAGE)}.({arguments.only})",
    ]
    RESULTS.unlink(missing_ok=True)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    with LOG.open("w") as log:
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout is not None
        try:
            for line in process.stdout:
                log.write(line)
                _progress(line)
        finally:
            process.terminate()
            code = process.wait()
            _say("")
    if code != 0 or not RESULTS.exists():
        raise NotMeasuredError(f"the JMH run failed with exit code {code}: see {LOG}")


def _progress(line: str) -> None:
    if line.startswith("# Run progress:"):
        _say(line[2:].strip())


def _say(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def about(arguments: argparse.Namespace) -> str:
    entry: dict[str, Any] = json.loads(RESULTS.read_text())[0]
    cores = len(os.sched_getaffinity(0))
    return (
        f"{platform.system()} {platform.machine()}, {cores} cores; Python "
        f"{platform.python_version()}; Java {entry['vmVersion']}; JMH {entry['jmhVersion']}; "
        f"Sluice {arguments.sluice}, Jep {metadata.version('jep')}; {entry['forks']} forks of "
        f"{entry['measurementIterations']} x {entry['measurementTime']} each after "
        f"{entry['warmupIterations']} x {entry['warmupTime']}; ± is JMH's error (99.9 %)."
    )


def write_docs(text: str) -> None:
    page = DOCS.read_text()
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise NotMeasuredError(f"{DOCS} lacks the lines '{BEGIN}' and '{END}' to write between")
    DOCS.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="benchmarks/embedding/run",
        description="Measures Sluice beside Jep.",
        epilog="Exit code: 0 the targets are met, 1 one is missed, 2 not everything was measured.",
    )
    parser.add_argument("--quick", action="store_true", help="1 fork instead of 3, shorter")
    parser.add_argument("--forks", type=int, metavar="N", help="forks of each benchmark")
    parser.add_argument(
        "--only",
        default=".*",
        metavar="REGEX",
        help="only these benchmarks, as Add.* or Noop.sluiceFunction; prints JMH's own table",
    )
    parser.add_argument("--write-docs", action="store_true", help="renew docs/benchmarks.md")
    # Given by the script.
    parser.add_argument("--java", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--class-path", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--sluice", required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


def compare(arguments: argparse.Namespace) -> int:
    busy = os.getloadavg()[0]
    if busy > 0.5:
        print(f"the machine is busy (load {busy:.1f}): trust only the ratios, and those little")
    run_jmh(arguments)
    if arguments.only != ".*":
        table = re.search(r"^Benchmark +Mode .*?\n\n", LOG.read_text(), re.DOTALL | re.MULTILINE)
        print(table[0].rstrip() if table else f"no table: see {LOG}")
        return NOT_MEASURED
    results = Results.read(RESULTS)
    tables = (best(results), threaded(results), all_ways(results))
    print(about(arguments), *(table.plain() for table in tables), sep="\n\n", end="\n\n")
    code = verdict(results)
    if arguments.write_docs:
        write_docs("\n\n".join((about(arguments), *(table.markdown() for table in tables))))
    return code


def main() -> int:
    try:
        return compare(parse())
    except NotMeasuredError as problem:
        print(f"benchmarks: error: {problem}", file=sys.stderr)
        return NOT_MEASURED


if __name__ == "__main__":
    sys.exit(main())
