"""Compares Sluice's loop with asyncio's own and uvloop, in rounds; see README.md."""

import argparse
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
SLUICE = HERE.parents[1] / "sluice"

#: What is measured, what it is, and by how much Sluice has to beat asyncio's loop, if it has to.
MEASURED: dict[str, tuple[str, float]] = {
    "callbacks": ("callbacks/s, call_soon_threadsafe from another thread", 4.0),
    "java_callbacks": ("callbacks/s from a Java thread; the others' from one of Python's", 20.0),
    "round_trip": ("run_coroutine_threadsafe, median in us", 2.0),
    "call_soon": ("links/s of a chain of call_soon", 0.0),
    "timers": ("timers/s, half of them cancelled", 0.0),
    "tasks": ("tasks/s, a hundred at a time", 0.0),
    "streams": ("answers/s of an echo server of streams", 0.0),
    "protocols": ("answers/s of an echo server of protocols", 0.0),
}
#: Where less is better.
TIMES = {"round_trip"}


class Contestant:
    """A loop in a process of its own, which stays up and is idle but for its turns."""

    def __init__(self, name: str) -> None:
        self.name = name
        program = [str(HERE / "contestant.py"), name]
        command = [sys.executable, *program]
        if name == "sluice":
            side = str(HERE / "JavaCallbacks.java")
            command = [str(SLUICE), "run", "--venv", sys.prefix, "--java", side, *program]
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

    def measure(self, what: str, seconds: float) -> float:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{what} {seconds}\n")
        self._process.stdin.flush()
        return float(self._answer())

    def end(self) -> None:
        self._process.communicate()


def better(what: str, one: float, other: float) -> float:
    """How many times as good one is as the other."""
    return other / one if what in TIMES else one / other


def row(what: str, figures: dict[str, list[float]]) -> str:
    """A line of the table: medians of all, and Sluice's ratios within the rounds."""
    medians = "".join(f"{statistics.median(each):>13,.0f}" for each in figures.values())
    ratios = ""
    for other in ("asyncio", "uvloop"):
        found = [
            better(what, *both) for both in zip(figures["sluice"], figures[other], strict=True)
        ]
        ratios += f"   {statistics.median(found):5.2f} ({min(found):.2f}-{max(found):.2f})"
    return f"{what:<12}{medians}{ratios}"


def main() -> int:
    """Exit code 0: all that is asked for is reached; 1: something is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--only", choices=MEASURED, action="append")
    chosen = parser.parse_args()
    contestants = [Contestant(name) for name in ("asyncio", "uvloop", "sluice")]
    print(f"Python {sys.version.split()[0]}, {chosen.rounds} rounds of {chosen.seconds} s")
    print(
        f"{'':<12}{'asyncio':>13}{'uvloop':>13}{'sluice':>13}   sluice/asyncio      sluice/uvloop"
    )
    missed = []
    for what in chosen.only or MEASURED:
        for each in contestants:
            each.measure(what, 2 * chosen.seconds)
        figures: dict[str, list[float]] = {each.name: [] for each in contestants}
        for _ in range(chosen.rounds):
            for each in contestants:
                figures[each.name].append(each.measure(what, chosen.seconds))
        print(row(what, figures), flush=True)
        needed = MEASURED[what][1]
        ratio = statistics.median(
            better(what, *both) for both in zip(figures["sluice"], figures["asyncio"], strict=True)
        )
        if ratio < needed:
            missed.append(f"{what}: {ratio:.2f} of the {needed} that are asked for")
    for each in contestants:
        each.end()
    for what, (meaning, _) in MEASURED.items():
        print(f"  {what}: {meaning}")
    print("missed: " + "; ".join(missed) if missed else "all that is asked for is reached")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
