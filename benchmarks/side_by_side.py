"""Serves the same hello world with Sluice and its peers and compares them in one run.

The servers stay up during the whole run, each on a port of its own, and are loaded in turn, round
after round, so that what disturbs the machine for a while disturbs all of them. Ratios are taken
within a round; the median over the rounds counts.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import signal
import statistics
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import load
import report
from contestants import (
    GRANIAN,
    GUNICORN,
    LAUNCHER,
    OPTIONAL,
    REQUIRED,
    ROOT,
    SLUICE,
    Contestant,
    ContestError,
    Running,
)
from load import Sample

if TYPE_CHECKING:
    from types import FrameType

NEEDED = {GRANIAN: 0.9, GUNICORN: 8.0}
PASSED, BELOW, NOT_MEASURED = 0, 1, 2


@dataclass(frozen=True)
class Options:
    rounds: int
    seconds: int
    all: bool
    write_docs: bool


def parse() -> Options:
    parser = argparse.ArgumentParser(
        prog="benchmarks/run",
        description="Measures Sluice beside its peers.",
        epilog="Exit code: 0 the targets are met, 1 one is missed, 2 not everything was measured.",
    )
    parser.add_argument("--quick", action="store_true", help="2 rounds of 3 s instead of 5 of 5 s")
    parser.add_argument("--rounds", type=int, metavar="N", help="rounds to measure")
    parser.add_argument("--seconds", type=int, metavar="N", help="length of a run, and of warm-up")
    parser.add_argument("--all", action="store_true", help="also fastpysgi and uvicorn")
    parser.add_argument("--write-docs", action="store_true", help="renew docs/benchmarks.md")
    given = parser.parse_args()
    rounds = given.rounds or (2 if given.quick else 5)
    seconds = given.seconds or (3 if given.quick else 5)
    if rounds < 1 or seconds < 1:
        parser.error("--rounds and --seconds must be at least 1")
    return Options(rounds, seconds, given.all, given.write_docs)


def choose(options: Options) -> list[Contestant]:
    contestants = [*REQUIRED, *(OPTIONAL if options.all else ())]
    if not os.access(LAUNCHER, os.X_OK):
        print("sluice is skipped: there is no ./sluice in this checkout, so no verdict either")
        contestants.remove(SLUICE)
    return contestants


def measure(contestants: list[Contestant], options: Options) -> dict[Contestant, list[Sample]]:
    samples: dict[Contestant, list[Sample]] = {contestant: [] for contestant in contestants}
    with contextlib.ExitStack() as stack:
        try:
            servers = [stack.enter_context(Running(contestant)) for contestant in contestants]
            _check_python(servers)
            for number in range(options.rounds + 1):
                for server in servers:
                    what = f"round {number} of {options.rounds}" if number else "warm-up"
                    _progress(f"{what}: {server.contestant.name}")
                    sample = load.run(server, options.seconds)
                    if number:
                        samples[server.contestant].append(sample)
            for server in servers:
                server.check_answer()
        finally:
            _progress("")
            _ignore_signals()  # until every server has been ended
    _heed_signals()
    return samples


def _check_python(servers: list[Running]) -> None:
    """Sluice says in its banner which Python it serves on; the peers run on this script's."""
    minor = ".".join(platform.python_version_tuple()[:2])
    for server in servers:
        if server.contestant is SLUICE and not server.says(f"CPython {minor}."):
            raise ContestError(f"Sluice does not serve on Python {minor}: see {server.log}")


def verdict(samples: dict[Contestant, list[Sample]]) -> int:
    if SLUICE not in samples:
        return NOT_MEASURED
    code = PASSED
    for peer, needed in NEEDED.items():
        ratio = statistics.median(report.ratios(samples[SLUICE], samples[peer]))
        met = ratio >= needed
        missed = "" if met else ": MISSED"
        print(f"sluice / {peer.label} = {report.digits(ratio)} x (needs {needed:g}){missed}")
        code = code if met else BELOW
    return code


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _heed_signals() -> None:
    def leave(number: int, _frame: FrameType | None) -> None:
        sys.exit(128 + number)

    for number in _SIGNALS:
        signal.signal(number, leave)


def _ignore_signals() -> None:
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def contest(options: Options) -> int:
    busy = os.getloadavg()[0]
    if busy > 0.5:
        print(f"the machine is busy (load {busy:.1f}): trust only the ratios, and those little")
    contestants = choose(options)
    versions = {contestant: contestant.version() for contestant in contestants}
    samples = measure(contestants, options)
    about = report.about(versions, options.rounds, options.seconds)
    table = report.Table.of(samples, SLUICE if SLUICE in samples else None)
    print(about, table.plain(), sep="\n\n", end="\n\n")
    for contestant, runs in samples.items():
        if errors := sum(sample.socket_errors for sample in runs):
            print(f"{contestant.name}: {errors} connections failed or timed out during the runs")
    code = verdict(samples)
    if options.write_docs and code != NOT_MEASURED:
        report.write(ROOT / "docs" / "benchmarks.md", about, table)
    return code


def main() -> int:
    options = parse()
    _heed_signals()
    try:
        return contest(options)
    except ContestError as problem:
        print(f"benchmarks: error: {problem}", file=sys.stderr)
        return NOT_MEASURED


if __name__ == "__main__":
    sys.exit(main())
