"""Serves more than hello world with Sluice and granian, each at its best setting, and compares.

One scenario after the other: both servers stay up, and are loaded in turn, round after round.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shlex
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path
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
    Probe,
    Running,
    sluice_version,
)
from load import Sample

if TYPE_CHECKING:
    from collections.abc import Sequence

TARGET = HERE / "target" / "scenarios"
FILES = TARGET / "files"
UPLOAD = TARGET / "upload.lua"
BEGIN = "<!-- scenarios: begin (written by benchmarks/run scenarios --write-docs) -->"
END = "<!-- scenarios: end -->"
PASSED, BELOW, NOT_MEASURED = 0, 1, 2
MEGABYTE = 1 << 20
FIFTY_KILOBYTES = 50 * 1024


@dataclass(frozen=True)
class Scenario:
    name: str
    title: str
    application: str
    probe: Probe
    ratio: float  # how many times granian's throughput is needed at least
    slower: float | None = None  # how many times granian's p99 is allowed at most
    sluice: str = ""
    granian: str = "--blocking-threads 1 --http 1"
    connections: int = 64
    streams: int = 0  # at once on a connection of HTTP/2; 0 for HTTP/1.1
    script: Path | None = None


SCENARIOS = (
    Scenario("hello", "hello world", "hello:app", Probe(), ratio=1.0, slower=1.5),
    Scenario(
        "http2",
        "hello world over HTTP/2",
        "hello:app",
        Probe(),
        ratio=1.0,
        granian="--blocking-threads 1 --http auto",
        connections=8,
        streams=16,
    ),
    Scenario(
        "page",
        "10 KB from the application",
        "scenario_apps:ten_kilobytes",
        Probe(length=10240, text=None),
        ratio=1.0,
    ),
    Scenario(
        "upload",
        "1 MB upload",
        "scenario_apps:upload",
        Probe(upload=MEGABYTE, length=7, text=b"1048576"),
        ratio=1.0,
        connections=16,
        script=UPLOAD,
    ),
    Scenario(
        "static",
        "50 KB file",
        "hello:app",
        Probe(path="/static/file.bin", length=FIFTY_KILOBYTES, text=None),
        ratio=2.0,
        sluice=f"--static /static={FILES}",
        granian="--blocking-threads 1 --runtime-blocking-threads 1 --http 1"
        f" --static-path-mount {FILES}",
    ),
    Scenario(
        "sleeping",
        "10 ms of sleep, 64 threads, 256 connections",
        "scenario_apps:sleeping",
        Probe(length=5, text=b"awake"),
        ratio=1.0,
        sluice="--threads 64",
        granian="--blocking-threads 64 --http 1",
        connections=256,
    ),
)


def contestants(scenario: Scenario) -> tuple[Contestant, Contestant]:
    folder = HERE if scenario.application.startswith("scenario_apps") else APPLICATION_FOLDER

    def sluice(port: int) -> list[str]:
        command = [str(LAUNCHER), "serve", scenario.application, "--interface", "wsgi"]
        command += ["--app-dir", str(folder), "--venv", str(ENVIRONMENT)]
        return [*command, "--bind", f"127.0.0.1:{port}", *shlex.split(scenario.sluice)]

    def granian(port: int) -> list[str]:
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "1"]
        command += ["--no-ws", "--host", "127.0.0.1", "--port", str(port)]
        return [*command, *shlex.split(scenario.granian), scenario.application]

    return (
        Contestant(f"sluice-{scenario.name}", "Sluice", None, sluice, folder, scenario.probe),
        Contestant(
            f"granian-{scenario.name}", "granian", "granian", granian, folder, scenario.probe
        ),
    )


def sample(scenario: Scenario, server: Running, seconds: int) -> Sample:
    if scenario.streams:
        return load.run_http2(server, seconds, scenario.connections, scenario.streams)
    return load.run(server, seconds, scenario.connections, scenario.script)


def measure(scenario: Scenario, rounds: int, seconds: int) -> tuple[list[Sample], list[Sample]]:
    samples: tuple[list[Sample], list[Sample]] = ([], [])
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(Running(each)) for each in contestants(scenario)]
        for number in range(rounds + 1):
            for which, server in enumerate(servers):
                taken = sample(scenario, server, seconds)
                if number:
                    samples[which].append(taken)
    return samples


@dataclass(frozen=True)
class Result:
    scenario: Scenario
    ours: Sequence[Sample]
    theirs: Sequence[Sample]

    def ratios(self) -> list[float]:
        return report.ratios(self.ours, self.theirs)

    def slower(self) -> float:
        pairs = zip(self.ours, self.theirs, strict=True)
        return statistics.median(mine.p99 / its.p99 for mine, its in pairs)

    def met(self) -> bool:
        late = self.scenario.slower is not None and self.slower() > self.scenario.slower
        return statistics.median(self.ratios()) >= self.scenario.ratio and not late

    def row(self) -> tuple[str, ...]:
        each = self.ratios()
        return (
            self.scenario.title,
            f"{statistics.median(run.requests_per_second for run in self.ours):,.0f}",
            f"{statistics.median(run.requests_per_second for run in self.theirs):,.0f}",
            (
                f"{report.digits(statistics.median(each))} x"
                f" ({report.digits(min(each))}..{report.digits(max(each))})"
            ),
            f"{self.scenario.ratio:g} x",
            f"{self.slower():.2f} x",
            f"{max(run.memory for run in self.ours) / 1e6:.0f} MB",
            f"{max(run.memory for run in self.theirs) / 1e6:.0f} MB",
            "yes" if self.met() else "**no**",
        )


HEAD = (
    "scenario",
    "Sluice, requests/s",
    "granian, requests/s",
    "Sluice is (min..max)",
    "needed",
    "p99 is",
    "Sluice, PSS",
    "granian, PSS",
    "met",
)


def prepare() -> None:
    FILES.mkdir(parents=True, exist_ok=True)
    (FILES / "file.bin").write_bytes(bytes(range(256)) * (FIFTY_KILOBYTES // 256))
    UPLOAD.write_text(f'wrk.method = "POST"\nwrk.body = string.rep("x", {MEGABYTE})\n')


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="benchmarks/run scenarios",
        description="Measures Sluice beside granian in more than hello world.",
        epilog="Exit code: 0 the targets are met, 1 one is missed, 2 not everything was measured.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these scenarios")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    parser.add_argument("--seconds", type=int, default=4, metavar="N")
    parser.add_argument("--write-docs", action="store_true", help="renew docs/benchmarks.md")
    given = parser.parse_args()
    chosen = [it for it in SCENARIOS if not given.names or it.name in given.names]
    if not chosen:
        parser.error("no such scenario: " + ", ".join(it.name for it in SCENARIOS))
    if os.getloadavg()[0] > 0.5:
        print("the machine is busy: trust only the ratios, and those little")
    prepare()
    try:
        peer = contestants(chosen[0])[1]
        about = report.about_servers(
            {"sluice": sluice_version(), "granian": peer.version()}, given.rounds, given.seconds
        )
        results = []
        for scenario in chosen:
            result = Result(scenario, *measure(scenario, given.rounds, given.seconds))
            results.append(result)
            print("  ".join(result.row()), flush=True)
        if given.write_docs:
            page = ROOT / "docs" / "benchmarks.md"
            report.replace(page, BEGIN, END, about, HEAD, [it.row() for it in results])
        return PASSED if all(it.met() for it in results) else BELOW
    except ContestError as problem:
        print(f"benchmarks: error: {problem}", file=sys.stderr)
        return NOT_MEASURED


if __name__ == "__main__":
    sys.exit(main())
