"""Compares what Sluice's guard, blockbuster and nothing cost, in rounds; see README.md."""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_PAGE = _ROOT / "docs" / "benchmarks.md"
BEGIN = "<!-- guard: begin (written by benchmarks/guard/run --write-docs) -->"
END = "<!-- guard: end -->"
#: Nanoseconds that a call may cost more than plain, by its place.
LIMITS = {
    "off": 100.0,
    "cannot wait": 300.0,
    "allowed by a block": 300.0,
    "allowed by a rule": 300.0,
    "allowed to a caller": 300.0,
    "allowed on the page": 300.0,
}
#: Outside of categories="default": what they cost is shown, and nothing is asked of it.
HOT = ("lock", "with", "RLock", "stat")
#: Ends with an exception; off the loop that is shown only.
RAISES = {"recv, no data": 500.0}
#: Each with what it is compared to: the same Python without it.
CONTESTANTS = {"sluice": "unguarded", "blockbuster": "plain"}
HEAD = (
    "where",
    "call",
    "Sluice, no guard",
    "guarded",
    "more",
    "at most",
    "CPython",
    "blockbuster",
    "more",
    "met",
)

Figures = dict[str, dict[str, float]]


def run(contestant: str, calls: int) -> Figures:
    """One process of one contestant, in the same environment."""
    if contestant in ("sluice", "unguarded"):
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


def limit(place: str, call: str) -> float | None:
    """What the guard may add at most; None if that is only shown."""
    if call in HOT or (call in RAISES and place == "off"):
        return None
    return RAISES.get(call, LIMITS[place])


def row(place: str, call: str, rounds: list[dict[str, Figures]]) -> tuple[str, ...]:
    """The median of the rounds; what is more is taken within a round."""
    cells: list[str] = []
    most = limit(place, call)
    verdict = "-"
    for name, without in CONTESTANTS.items():
        of = {it: [each[it][place][call] for each in rounds] for it in (without, name)}
        more = statistics.median(a - b for a, b in zip(of[name], of[without], strict=True))
        cells += [f"{statistics.median(of[it]):.0f}" for it in (without, name)]
        cells.append(f"{more:.0f}")
        if name == "sluice":
            cells.append("hot" if call in HOT else "-" if most is None else f"{most:.0f}")
            verdict = "-" if most is None else "yes" if more <= most else "**no**"
    return (place, call, *cells, verdict)


def write(about: str, rows: list[tuple[str, ...]]) -> None:
    """Puts the table between two lines of the page."""
    rule = ("---", "---", *("---:" for _ in HEAD[2:]))
    table = "\n".join(f"| {' | '.join(each)} |" for each in (HEAD, rule, *rows))
    before, _, rest = _PAGE.read_text().partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise SystemExit(f"{_PAGE} lacks the lines '{BEGIN}' and '{END}' to write between")
    _PAGE.write_text(f"{before}{BEGIN}\n{about}\n\n{table}\n{END}{after}")


def main() -> int:
    """Exit code 0: all that is asked for is reached; 1: something is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--write-docs", action="store_true", help="renew docs/benchmarks.md")
    chosen = parser.parse_args()
    busy = os.getloadavg()[0]
    everybody = [each for pair in CONTESTANTS.items() for each in reversed(pair)]
    rounds: list[dict[str, Figures]] = [
        {each: run(each, chosen.calls) for each in everybody} for _ in range(chosen.rounds)
    ]
    about = (
        f"Python {sys.version.split()[0]}, {chosen.rounds} rounds of {chosen.calls:,} calls;"
        f" nanoseconds for a call. Load average before the run: {busy:.1f}."
    )
    print(about)
    rows = [row(place, call, rounds) for place in LIMITS for call in rounds[0]["plain"][place]]
    widths = [max(len(each[n]) for each in (HEAD, *rows)) for n in range(len(HEAD))]
    for each in (HEAD, *rows):
        print("  ".join(text.ljust(width) for text, width in zip(each, widths, strict=True)))
    if chosen.write_docs:
        write(about, rows)
    return any(each[-1] == "**no**" for each in rows)


if __name__ == "__main__":
    sys.exit(main())
