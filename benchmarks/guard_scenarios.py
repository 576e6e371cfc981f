"""Serves hello world with Sluice under `--guard report` and without, and compares the two.

Both servers stay up, and are loaded in turn, round after round, the one and then the other first.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import load
import report
from contestants import (
    APPLICATION_FOLDER,
    ENVIRONMENT,
    HERE,
    LAUNCHER,
    ROOT,
    Contestant,
    ContestError,
    Running,
    sluice_version,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from load import Sample

BEGIN = "<!-- guard under load: begin (written by benchmarks/run guard --write-docs) -->"
END = "<!-- guard under load: end -->"
NEEDED = 0.97
WARM_UP = 12
PASSED, BELOW, NOT_MEASURED = 0, 1, 2
HEAD = (
    "hello world",
    "without, requests/s",
    "guarded, requests/s",
    "guarded is (min..max)",
    "needed",
    "CPU is",
    "met",
)


@dataclass(frozen=True)
class Scenario:
    interface: str
    application: str
    folder: Path

    def contestants(self) -> tuple[Contestant, Contestant]:
        def sluice(guard: str) -> Contestant:
            def command(port: int) -> list[str]:
                made = [str(LAUNCHER), "serve", self.application, "--interface", self.interface]
                made += ["--app-dir", str(self.folder), "--venv", str(ENVIRONMENT)]
                return [*made, "--bind", f"127.0.0.1:{port}", "--guard", guard]

            return Contestant(
                f"sluice-{self.interface}-{guard}", "Sluice", None, command, self.folder
            )

        return sluice("off"), sluice("report")


SCENARIOS = (
    Scenario("wsgi", "hello:app", APPLICATION_FOLDER),
    Scenario("asgi", "hello_asgi:app", HERE),
)


@dataclass(frozen=True)
class Result:
    scenario: Scenario
    without: Sequence[Sample]
    guarded: Sequence[Sample]

    def ratio(self) -> float:
        return statistics.median(report.ratios(self.guarded, self.without))

    def row(self) -> tuple[str, ...]:
        each = report.ratios(self.guarded, self.without)
        pairs = zip(self.guarded, self.without, strict=True)
        cpu = statistics.median(a.cpu_per_request / b.cpu_per_request for a, b in pairs)
        rates = [
            f"{statistics.median(run.requests_per_second for run in runs):,.0f}"
            for runs in (self.without, self.guarded)
        ]
        return (
            self.scenario.interface.upper(),
            *rates,
            f"{self.ratio():.3f} x ({min(each):.2f}..{max(each):.2f})",
            f"{NEEDED} x",
            f"{cpu:.2f} x",
            "yes" if self.ratio() >= NEEDED else "**no**",
        )


def measure(scenario: Scenario, rounds: int, seconds: int) -> Result:
    samples: tuple[list[Sample], list[Sample]] = ([], [])
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(Running(each)) for each in scenario.contestants()]
        for server in servers:
            load.run(server, WARM_UP)
        for number in range(rounds):
            for which in (0, 1) if number % 2 else (1, 0):
                samples[which].append(load.run(servers[which], seconds))
    return Result(scenario, *samples)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="benchmarks/run guard",
        description="Measures Sluice under --guard report beside Sluice without.",
        epilog="Exit code: 0 the targets are met, 1 one is missed, 2 not everything was measured.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="wsgi, asgi; both by default")
    parser.add_argument("--rounds", type=int, default=10, metavar="N")
    parser.add_argument("--seconds", type=int, default=3, metavar="N")
    parser.add_argument("--write-docs", action="store_true", help="renew docs/benchmarks.md")
    given = parser.parse_args()
    chosen = [it for it in SCENARIOS if not given.names or it.interface in given.names]
    if not chosen:
        parser.error("no such scenario: " + ", ".join(it.interface for it in SCENARIOS))
    busy = os.getloadavg()[0]
    try:
        about = report.about_servers({"sluice": sluice_version()}, given.rounds, given.seconds)
        about = f"{about.partition('; memory')[0]}. Load average before the run: {busy:.1f}."
        print(about)
        results = []
        for scenario in chosen:
            results.append(measure(scenario, given.rounds, given.seconds))
            print("  ".join(results[-1].row()), flush=True)
        if given.write_docs:
            page = ROOT / "docs" / "benchmarks.md"
            report.replace(page, BEGIN, END, about, HEAD, [it.row() for it in results])
        return PASSED if all(it.ratio() >= NEEDED for it in results) else BELOW
    except ContestError as problem:
        print(f"benchmarks: error: {problem}", file=sys.stderr)
        return NOT_MEASURED


if __name__ == "__main__":
    sys.exit(main())
