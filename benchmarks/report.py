"""The table of a run, for a terminal and for docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from contestants import Contestant, ContestError
from load import CONNECTIONS, Sample

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

BEGIN = "<!-- side by side: begin (written by benchmarks/run --write-docs) -->"
END = "<!-- side by side: end -->"
_NONE = "-"


def ratios(ours: Sequence[Sample], theirs: Sequence[Sample]) -> list[float]:
    """How many times as many requests per second as the peer, for each round."""
    pairs = zip(ours, theirs, strict=True)
    return [mine.requests_per_second / its.requests_per_second for mine, its in pairs]


def digits(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio < 9.95 else f"{ratio:.1f}"


def about_servers(versions: Mapping[str, str], rounds: int, seconds: int) -> str:
    servers = ", ".join(f"{name} {version}" for name, version in versions.items())
    cores = len(os.sched_getaffinity(0))
    return (
        f"{platform.system()} {platform.machine()}, {cores} cores shared by the load and the"
        f" servers; Python {platform.python_version()}; {servers}; {rounds} x {seconds} s each"
        " after a warm-up; memory is the largest seen after a run."
    )


def about(versions: Mapping[Contestant, str], rounds: int, seconds: int) -> str:
    servers = ", ".join(f"{contestant.name} {version}" for contestant, version in versions.items())
    cores = len(os.sched_getaffinity(0))
    return (
        f"{platform.system()} {platform.machine()}, {cores} cores shared by wrk and the servers; "
        f"Python {platform.python_version()}; {servers}; "
        f"wrk with {CONNECTIONS} connections, {rounds} x {seconds} s each after a warm-up."
    )


@dataclass(frozen=True)
class Table:
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @classmethod
    def of(
        cls, samples: Mapping[Contestant, Sequence[Sample]], reference: Contestant | None
    ) -> Self:
        head = ["server", "requests/s", "Sluice is (min..max)", "p50", "p99"]
        head += ["CPU per request", "memory (PSS)"]
        rows: list[tuple[str, ...]] = []
        for contestant, runs in samples.items():
            comparison = _NONE
            if reference is not None and contestant is not reference:
                comparison = _comparison(ratios(samples[reference], runs))
            row = (
                contestant.label,
                f"{statistics.median(run.requests_per_second for run in runs):,.0f}",
                comparison,
                f"{statistics.median(run.p50 for run in runs) * 1e3:.2f} ms",
                f"{statistics.median(run.p99 for run in runs) * 1e3:.2f} ms",
                f"{statistics.median(run.cpu_per_request for run in runs) * 1e6:.1f} us",
                f"{max(run.memory for run in runs) / 1e6:.0f} MB",
            )
            rows.append(row)
        return cls(tuple(head), tuple(rows))

    def plain(self) -> str:
        columns = list(zip(self.head, *self.rows, strict=True))
        widths = [max(map(len, column)) for column in columns]
        lines = []
        for row in (self.head, *self.rows):
            first, *rest = (
                cell.rjust(width) if number else cell.ljust(width)
                for number, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            lines.append("  ".join([first, *rest]))
        return "\n".join(lines)

    def markdown(self) -> str:
        """The ratio is what can be compared between machines, so it alone stands out."""
        rule = ("---", *("---:" for _ in self.head[1:]))
        body = [
            (name, rate, ratio if ratio == _NONE else f"**{ratio}**", *rest)
            for name, rate, ratio, *rest in self.rows
        ]
        return "\n".join(f"| {' | '.join(row)} |" for row in (self.head, rule, *body))


def _comparison(each: list[float]) -> str:
    low, middle, high = (digits(ratio) for ratio in (min(each), statistics.median(each), max(each)))
    return f"{middle} x ({low}..{high})"


def write(page: Path, about_run: str, table: Table) -> None:
    _between(page, BEGIN, END, f"{about_run}\n\n{table.markdown()}")


def replace(
    page: Path,
    begin: str,
    end: str,
    about_run: str,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
) -> None:
    """Writes a table between two lines of a page."""
    rule = ("---", *("---:" for _ in head[1:]))
    table = "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))
    _between(page, begin, end, f"{about_run}\n\n{table}")


def _between(page: Path, begin: str, end: str, text: str) -> None:
    before, found_begin, rest = page.read_text().partition(begin)
    _, found_end, after = rest.partition(end)
    if not found_begin or not found_end:
        raise ContestError(f"{page} lacks the lines '{begin}' and '{end}' to write between")
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}")
