"""Serves blocking WSGI applications with Sluice's microthreads, gevent and threads, and compares.

All of Sluice's application runs on one thread, and so does gevent's; granian has 64 of them.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import load
import report
from asgi_scenarios import HEAD, Peer, Result, loaded
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

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from load import Sample

BEGIN = "<!-- microthreads: begin (written by benchmarks/run microthreads --write-docs) -->"
END = "<!-- microthreads: end -->"
PASSED, BELOW, NOT_MEASURED = 0, 1, 2
PEERS = {
    "gevent": (
        "gunicorn",
        (
            "gunicorn -w 1 -k gevent --worker-connections 10000 --backlog 4096 --no-control-socket"
            " --bind 127.0.0.1:{port}"
        ),
    ),
    "granian": (
        "granian",
        (
            "granian --interface wsgi --workers 1 --blocking-threads 64 --backlog 4096"
            " --no-ws --http 1 --host 127.0.0.1 --port {port}"
        ),
    ),
}


@dataclass(frozen=True)
class Scenario:
    """One application under one load; as those of asgi_scenarios."""

    name: str
    title: str
    application: str
    peers: tuple[Peer, ...]
    probe: Probe
    clients: int
    #: Whether it needs the API and the database.
    calls: bool = False

    def contestants(self) -> list[Contestant]:
        def sluice(port: int) -> list[str]:
            command = [str(LAUNCHER), "serve", self.application, "--interface", "wsgi"]
            command += ["--app-dir", str(HERE), "--venv", str(ENVIRONMENT), "--microthreads"]
            return [*command, "--limit-queue", "10000", "--bind", f"127.0.0.1:{port}"]

        def its(command: str) -> Callable[[int], list[str]]:
            return lambda port: [
                sys.executable,
                "-m",
                *command.format(port=port).split(),
                self.application,
            ]

        made = [Contestant(f"sluice-{self.name}", "Sluice", None, sluice, HERE, self.probe)]
        for peer in self.peers:
            package, command = PEERS[peer.name]
            name = f"{peer.name}-{self.name}"
            made.append(Contestant(name, peer.name, package, its(command), HERE, self.probe))
        return made

    def sample(self, server: Running, seconds: int) -> Sample:
        return load.run(server, seconds, self.clients)


SCENARIOS = (
    Scenario(
        "sleeping",
        "100 ms of sleep, 2,000 connections",
        "waiting_apps:sleeping",
        (Peer("gevent", 1.5), Peer("granian", 1.5)),
        Probe(length=5, text=b"awake"),
        clients=2000,
    ),
    Scenario(
        "calling",
        "an HTTP API and Redis, 2,000 connections",
        "waiting_apps:calling",
        (Peer("gevent", 1.0), Peer("granian", 1.0)),
        Probe(),
        clients=2000,
        calls=True,
    ),
)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def backends() -> Iterator[None]:
    """An API and a database on this machine, told to the applications by the environment."""

    def command(port: int) -> list[str]:
        start = "-m granian --interface wsgi --workers 1 --no-ws --http 1 --host 127.0.0.1"
        return [sys.executable, *start.split(), "--port", str(port), "hello:app"]

    api = Contestant("api", "the API", "granian", command, APPLICATION_FOLDER)
    port = _free_port()
    program = shutil.which("redis-server")
    if program is None:
        raise ContestError("there is no redis-server on the PATH; install that package")
    with (
        tempfile.TemporaryDirectory() as folder,
        Running(api) as answering,
        subprocess.Popen(
            [program, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", folder],
            stdout=subprocess.DEVNULL,
        ) as database,
    ):
        try:
            _await(port)
            os.environ["BENCH_API"] = answering.url
            os.environ["BENCH_REDIS"] = f"redis://127.0.0.1:{port}/0"
            yield
        finally:
            database.terminate()


def _await(port: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError as problem:
            if time.monotonic() > deadline:
                raise ContestError("redis-server does not answer") from problem
        time.sleep(0.05)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="benchmarks/run microthreads",
        description="Measures Sluice's microthreads beside gunicorn with gevent, and granian.",
        epilog="Exit code: 0 the targets are met, 1 one is missed, 2 not everything was measured.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these scenarios")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    parser.add_argument("--seconds", type=int, default=5, metavar="N")
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
        about += f" Load average before the run: {busy:.1f}."
        results: list[Result] = []
        for scenario in chosen:
            with backends() if scenario.calls else contextlib.nullcontext():
                for result in loaded(scenario, given.rounds, given.seconds):
                    print("  ".join(result.row), flush=True)
                    results.append(result)
        if given.write_docs:
            page = ROOT / "docs" / "benchmarks.md"
            report.replace(page, BEGIN, END, about, HEAD, [it.row for it in results])
        return PASSED if all(it.met for it in results) else BELOW
    except ContestError as problem:
        print(f"benchmarks: error: {problem}", file=sys.stderr)
        return NOT_MEASURED


if __name__ == "__main__":
    sys.exit(main())
