"""Compares ways of waiting for a coroutine on a thread, in rounds; see README.md."""

import argparse
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
SLUICE = HERE.parents[1] / "sluice"

NAMES = ("sluice", "sluice.crochet", "crochet", "asgiref", "asyncio")

#: By how much each of ours has to be faster than which others, for one thread (median).
NEEDED = {
    "sluice": {"crochet": 2.0, "asgiref": 2.0},
    "sluice.crochet": {"crochet": 2.0, "asgiref": 2.0},
}

#: What so many threads at once may lose of what one does in a second.
CROWD = 64
COLLAPSE = 0.5


class Contestant:
    """One way in a process of its own, which stays up and is idle but for its turns."""

    def __init__(self, name: str) -> None:
        self.name = name
        program = [str(HERE / "contestant.py"), name]
        command = [sys.executable, *program]
        if name.startswith("sluice"):
            command = [str(SLUICE), "run", "--venv", sys.prefix, *program]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._answer()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(2)
        return line.strip()

    def measure(self, threads: int, seconds: float) -> tuple[float, float, float]:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{threads} {seconds}\n")
        self._process.stdin.flush()
        p50, p99, rate = map(float, self._answer().split())
        return p50, p99, rate

    def end(self) -> None:
        self._process.communicate()


Figures = dict[str, list[tuple[float, float, float]]]


def rounds(contestants: list[Contestant], threads: int, count: int, seconds: float) -> Figures:
    """Measures all, by turns."""
    figures: Figures = {each.name: [] for each in contestants}
    for each in contestants:
        each.measure(threads, 2 * seconds)
    for _ in range(count):
        for each in contestants:
            figures[each.name].append(each.measure(threads, seconds))
    return figures


def ratios(figures: Figures, ours: str, other: str) -> list[float]:
    """How many times as long the other takes, in each round (median)."""
    return [b[0] / a[0] for a, b in zip(figures[ours], figures[other], strict=True)]


def show(figures: Figures, threads: int) -> None:
    print(f"\n{threads} thread{'s' if threads > 1 else ''}")
    print(f"{'':<16}{'p50 us':>10}{'p99 us':>10}{'waits/s':>12}{'sluice is faster by':>28}")
    for name, found in figures.items():
        p50, p99, rate = (statistics.median(column) for column in zip(*found, strict=True))
        beside = ratios(figures, "sluice", name)
        times = f"{statistics.median(beside):.2f} ({min(beside):.2f}-{max(beside):.2f})"
        print(f"{name:<16}{p50:>10.1f}{p99:>10.1f}{rate:>12,.0f}{times:>28}", flush=True)


def main() -> int:
    """Exit code 0: all that is asked for is reached; 1: something is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1.0)
    chosen = parser.parse_args()
    contestants = [Contestant(name) for name in NAMES]
    print(f"Python {sys.version.split()[0]}, {chosen.rounds} rounds of {chosen.seconds} s")
    alone = rounds(contestants, 1, chosen.rounds, chosen.seconds)
    show(alone, 1)
    crowd = rounds(contestants, CROWD, chosen.rounds, chosen.seconds)
    show(crowd, CROWD)
    for each in contestants:
        each.end()
    missed = False
    for ours, others in NEEDED.items():
        for other, needed in others.items():
            reached = statistics.median(ratios(alone, ours, other))
            missed |= reached < needed
            verdict = "reached" if reached >= needed else "MISSED"
            print(f"{verdict}: {ours} is {reached:.2f} x as fast as {other}, needed {needed}")
    for ours in NEEDED:
        kept = statistics.median(b[2] / a[2] for a, b in zip(alone[ours], crowd[ours], strict=True))
        missed |= kept < COLLAPSE
        verdict = "reached" if kept >= COLLAPSE else "MISSED"
        print(
            f"{verdict}: {CROWD} threads of {ours} do {kept:.2f} of what one does,"
            f" needed {COLLAPSE}"
        )
    return missed


if __name__ == "__main__":
    sys.exit(main())
