"""Compares what Sluice's guard, blockbuster and nothing cost, in rounds; see README.md."""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
#: Nanoseconds that a call may cost more than plain, by its place.
LIMITS = {"off": 100.0, "cannot wait": 300.0, "allowed": 300.0}
#: Hot: outside of categories="default"; what they cost is shown, and asked for as well.
HOT = ("lock", "with")
CONTESTANTS = ("plain", "sluice", "blockbuster")

Figures = dict[str, dict[str, float]]


def run(contestant: str, calls: int) -> Figures:
    """One process of one contestant, in the same environment."""
    if contestant == "sluice":
        launcher = [str(_ROOT / "sluice"), "run", "--venv", sys.prefix, "--loop", "asyncio"]
    else:
        launcher = [sys.executable]
    environment = {**os.environ, "SLUICE_LAUNCHER": "no-build"}
    found = subprocess.run(
        [*launcher, "contestant.py", contestant, str(calls)],
        check=True,
        capture_output=True,
        text=True,
        env=environment,
        timeout=600,
    )
    figures: Figures = json.loads(found.stdout)
    return figures


def main() -> int:
    """Exit code 0: all that is asked for is reached; 1: something is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--calls", type=int, default=100_000)
    chosen = parser.parse_args()
    rounds: list[dict[str, Figures]] = [
        {each: run(each, chosen.calls) for each in CONTESTANTS} for _ in range(chosen.rounds)
    ]
    print(f"Python {sys.version.split()[0]}, {chosen.rounds} rounds of {chosen.calls} calls, ns")
    print(f"{'':<22}{'plain':>9}{'sluice':>9}{'more':>7}{'blockbuster':>13}{'more':>7}")
    verdicts = []
    for place, limit in LIMITS.items():
        for call in rounds[0]["plain"][place]:
            of = {c: [each[c][place][call] for each in rounds] for c in CONTESTANTS}
            more = {
                c: statistics.median(a - b for a, b in zip(of[c], of["plain"], strict=True))
                for c in CONTESTANTS
            }
            middle = {c: statistics.median(of[c]) for c in CONTESTANTS}
            print(
                f"{place + ' ' + call:<22}{middle['plain']:>9.0f}{middle['sluice']:>9.0f}"
                f"{more['sluice']:>7.0f}{middle['blockbuster']:>13.0f}{more['blockbuster']:>7.0f}"
                f"{'  hot' if call in HOT else ''}"
            )
            word = "met" if more["sluice"] <= limit else "MISSED"
            verdicts.append(f"{word}: {place} {call}: {more['sluice']:.0f} ns more, {limit:.0f}")
    print("\n".join(verdicts))
    return any(verdict.startswith("MISSED") for verdict in verdicts)


if __name__ == "__main__":
    sys.exit(main())
