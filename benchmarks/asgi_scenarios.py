"""Serves ASGI applications with Sluice, granian and uvicorn at their best settings, and compares.

One scenario after the other: its servers stay up, and are loaded in turn, round after round.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import load
import report
import sockets
from contestants import (
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

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from load import Sample

BEGIN = "<!-- asgi: begin (written by benchmarks/run asgi --write-docs) -->"
END = "<!-- asgi: end -->"
PASSED, BELOW, NOT_MEASURED = 0, 1, 2
IDLE = 10_000
HELLO = Probe()
#: As long for every server; on a busy machine a JVM needs it for its compilers.
WARM_UP_SECONDS = 12
#: The peers' settings; everything else is as they come.
PEERS = {
    "granian": "granian --interface asgi --loop uvloop --workers 1 --http 1 --host 127.0.0.1",
    "uvicorn": "uvicorn --loop uvloop --http httptools --no-access-log --host 127.0.0.1",
}


@dataclass(frozen=True)
class Peer:
    name: str
    needed: float  # how many times its throughput is needed at least, or its memory is allowed
    slower: float | None = None  # how many times its p99 is allowed at most


@dataclass(frozen=True)
class Scenario:
    name: str
    title: str
    application: str
    peers: tuple[Peer, ...]
    folder: str = "."
    probe: Probe = HELLO
    clients: int = 64
    websockets: bool = False
    idle: bool = False

    def contestants(self) -> list[Contestant]:
        folder = (HERE / self.folder).resolve()

        def sluice(port: int) -> list[str]:
            command = [str(LAUNCHER), "serve", self.application, "--interface", "asgi"]
            command += ["--app-dir", str(folder), "--venv", str(ENVIRONMENT)]
            # The probe and whoever comes to look have to fit beside the idle ones.
            command += [f"--limit-{it}={2 * IDLE}" for it in ("connections", "requests")]
            return [*command, "--bind", f"127.0.0.1:{port}"]

        def its(settings: str) -> Callable[[int], list[str]]:
            start = [sys.executable, "-m", *settings.split()]
            return lambda port: [*start, "--port", str(port), self.application]

        made = [Contestant(f"sluice-{self.name}", "Sluice", None, sluice, folder, self.probe)]
        for peer in self.peers:
            settings = PEERS[peer.name]
            if not self.websockets:
                settings += " --no-ws" if peer.name == "granian" else " --ws none"
            name = f"{peer.name}-{self.name}"
            made.append(Contestant(name, peer.name, peer.name, its(settings), folder, self.probe))
        return made

    def sample(self, server: Running, seconds: int) -> Sample:
        if self.websockets:
            return sockets.echo(server, seconds, self.clients)
        return load.run(server, seconds, self.clients)


SCENARIOS = (
    Scenario(
        "hello",
        "hello world",
        "hello_asgi:app",
        (Peer("granian", 1.15, slower=1.5), Peer("uvicorn", 1.8)),
    ),
    Scenario(
        "fastapi",
        "FastAPI, a model as JSON",
        "shop:app",
        (Peer("granian", 1.05),),
        folder="applications",
        probe=Probe(length=340, text=None),
    ),
    Scenario(
        "echo16",
        "WebSocket echo, 16 clients",
        "echo_asgi:app",
        (Peer("granian", 1.0),),
        clients=16,
        websockets=True,
    ),
    Scenario(
        "echo32",
        "WebSocket echo, 32 clients",
        "echo_asgi:app",
        (Peer("granian", 1.0),),
        clients=32,
        websockets=True,
    ),
    Scenario(
        "idle",
        f"{IDLE:,} idle WebSockets, memory (PSS)",
        "echo_asgi:app",
        (Peer("uvicorn", 1.0),),
        clients=IDLE,
        websockets=True,
        idle=True,
    ),
)

HEAD = (
    "scenario",
    "beside",
    "Sluice",
    "peer",
    "Sluice is (min..max)",
    "needed",
    "p99 is",
    "CPU, Sluice",
    "CPU, peer",
    "met",
)


@dataclass(frozen=True)
class Result:
    """What came out beside one peer."""

    row: tuple[str, ...]
    met: bool


class Load(Protocol):
    """What is served, and loaded how."""

    @property
    def title(self) -> str: ...

    @property
    def peers(self) -> tuple[Peer, ...]: ...

    def contestants(self) -> list[Contestant]: ...

    def sample(self, server: Running, seconds: int) -> Sample: ...


def loaded(scenario: Load, rounds: int, seconds: int) -> list[Result]:
    samples: dict[str, list[Sample]] = {}
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(Running(it)) for it in scenario.contestants()]
        for number in range(rounds + 1):
            for server in servers:
                taken = scenario.sample(server, seconds if number else WARM_UP_SECONDS)
                if number:
                    samples.setdefault(server.contestant.label, []).append(taken)
        for server in servers:
            server.check_answer()
    return [compared(scenario, it, samples["Sluice"], samples[it.name]) for it in scenario.peers]


def compared(
    scenario: Load, peer: Peer, ours: Sequence[Sample], theirs: Sequence[Sample]
) -> Result:
    ratios = report.ratios(ours, theirs)
    pairs = zip(ours, theirs, strict=True)
    slower = statistics.median(mine.p99 / its.p99 for mine, its in pairs)
    late = peer.slower is not None and slower > peer.slower
    met = statistics.median(ratios) >= peer.needed and not late
    allowed = "" if peer.slower is None else f" (at most {peer.slower:g} x)"
    row = (
        scenario.title,
        peer.name,
        f"{statistics.median(run.requests_per_second for run in ours):,.0f}/s",
        f"{statistics.median(run.requests_per_second for run in theirs):,.0f}/s",
        _spread(ratios),
        f"{peer.needed:g} x",
        f"{slower:.2f} x{allowed}",
        f"{statistics.median(run.cpu_per_request for run in ours) * 1e6:.1f} us",
        f"{statistics.median(run.cpu_per_request for run in theirs) * 1e6:.1f} us",
        "yes" if met else "**no**",
    )
    return Result(row, met)


def idle(scenario: Scenario, rounds: int) -> list[Result]:
    """Each server is started anew for each round: one that has had many clients stays large."""
    used: dict[str, list[int]] = {}
    for _ in range(rounds):
        for contestant in scenario.contestants():
            with Running(contestant) as server:
                memory = sockets.idle(server, scenario.clients)
            used.setdefault(contestant.label, []).append(memory)
    results = []
    for peer in scenario.peers:
        ours, theirs = used["Sluice"], used[peer.name]
        ratios = [mine / its for mine, its in zip(ours, theirs, strict=True)]
        met = statistics.median(ratios) < peer.needed
        row = (
            scenario.title,
            peer.name,
            f"{statistics.median(ours) / 1e6:.0f} MB",
            f"{statistics.median(theirs) / 1e6:.0f} MB",
            _spread(ratios),
            f"below {peer.needed:g} x",
            *["-"] * 3,
            "yes" if met else "**no**",
        )
        results.append(Result(row, met))
    return results


def _spread(ratios: Sequence[float]) -> str:
    middle, low, high = (
        report.digits(it) for it in (statistics.median(ratios), min(ratios), max(ratios))
    )
    return f"{middle} x ({low}..{high})"


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="benchmarks/run asgi",
        description="Measures Sluice beside granian and uvicorn, with applications of ASGI.",
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
    busy = os.getloadavg()[0]
    if busy > 0.5:
        print(f"the machine is busy (load {busy:.1f}): trust only the ratios, and those little")
    try:
        versions = {"sluice": sluice_version()}
        for contestant in SCENARIOS[0].contestants()[1:]:
            versions[contestant.label] = contestant.version()
        about = report.about_servers(versions, given.rounds, given.seconds)
        about += f" Warm-up: {WARM_UP_SECONDS} s each. Load average before the run: {busy:.1f}."
        results: list[Result] = []
        for scenario in chosen:
            if scenario.idle:
                came = idle(scenario, min(given.rounds, 3))
            else:
                came = loaded(scenario, given.rounds, given.seconds)
            for result in came:
                print("  ".join(result.row), flush=True)
            results += came
        if given.write_docs:
            page = ROOT / "docs" / "benchmarks.md"
            report.replace(page, BEGIN, END, about, HEAD, [it.row for it in results])
        return PASSED if all(it.met for it in results) else BELOW
    except ContestError as problem:
        print(f"benchmarks: error: {problem}", file=sys.stderr)
        return NOT_MEASURED


if __name__ == "__main__":
    sys.exit(main())
