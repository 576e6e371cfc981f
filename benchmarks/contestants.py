"""The servers that are measured: their command lines, and starting, checking and ending them."""

from __future__ import annotations

import http.client
import os
import shlex
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Self

import process_tree

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
APPLICATION_FOLDER = ROOT / "examples" / "wsgi"
LAUNCHER = ROOT / "sluice"
ENVIRONMENT = Path(sys.prefix)
LOGS = HERE / "target" / "logs"

START_SECONDS = 30.0
STOP_SECONDS = 10.0


class ContestError(Exception):
    """What went wrong and how to mend it, for the person at the terminal."""


@dataclass(frozen=True)
class Probe:
    """A request and what its right answer is."""

    path: str = "/"
    upload: int = 0
    length: int = 13
    text: bytes | None = b"Hello, World!"


@dataclass(frozen=True)
class Contestant:
    name: str
    label: str
    package: str | None
    command: Callable[[int], list[str]]
    folder: Path = APPLICATION_FOLDER
    probe: Probe = Probe()

    def version(self) -> str:
        return metadata.version(self.package) if self.package else sluice_version()


def _python(arguments: str) -> Callable[[int], list[str]]:
    """`python -m` and `-c` put the current folder first on sys.path."""
    return lambda port: [sys.executable, *shlex.split(arguments.format(port=port))]


def _sluice(port: int) -> list[str]:
    command = [str(LAUNCHER), "serve", "hello:app", "--interface", "wsgi", "--app-dir"]
    command += [str(APPLICATION_FOLDER), "--venv", str(ENVIRONMENT), "--bind", f"127.0.0.1:{port}"]
    return command


SLUICE = Contestant("sluice", "Sluice (WSGI, 1 thread)", None, _sluice)
GRANIAN = Contestant(
    "granian",
    "granian (WSGI, 1 worker, 1 blocking thread)",
    "granian",
    _python(
        "-m granian --interface wsgi --workers 1 --blocking-threads 1 --no-ws --http 1"
        " --host 127.0.0.1 --port {port} hello:app"
    ),
)
GUNICORN = Contestant(
    "gunicorn",
    "gunicorn sync (1 worker)",
    "gunicorn",
    _python("-m gunicorn -w 1 -k sync --no-control-socket --bind 127.0.0.1:{port} hello:app"),
)
FASTPYSGI = Contestant(
    "fastpysgi",
    "fastpysgi (WSGI, 1 thread for all)",
    "fastpysgi",
    _python(
        "-c 'import fastpysgi; fastpysgi.run_from_cli()' --host 127.0.0.1 --port {port} hello:app"
    ),
)
UVICORN = Contestant(
    "uvicorn",
    "uvicorn (ASGI, uvloop, httptools)",
    "uvicorn",
    _python(
        "-m uvicorn --loop uvloop --http httptools --ws none --no-access-log"
        " --host 127.0.0.1 --port {port} hello_asgi:app"
    ),
    folder=HERE,
)
REQUIRED = (SLUICE, GRANIAN, GUNICORN)
OPTIONAL = (FASTPYSGI, UVICORN)


def sluice_version() -> str:
    """The first call builds Sluice, which may take minutes; its progress goes to the terminal."""
    result = subprocess.run([LAUNCHER, "version"], stdout=subprocess.PIPE, text=True, check=False)
    if result.returncode != 0 or not result.stdout:
        raise ContestError(f"`./sluice version` failed with exit code {result.returncode}")
    parts = dict(line.split(maxsplit=1) for line in result.stdout.splitlines())
    return f"{parts['Sluice']} (Netty {parts['Netty']}, Java {parts['Java'].split()[0]})"


class Running:
    """A started server. Leaving the context ends it and every process that it started."""

    def __init__(self, contestant: Contestant) -> None:
        self.contestant = contestant
        self.port = _free_port()
        self.log = LOGS / f"{contestant.name}.log"

    def __enter__(self) -> Self:
        LOGS.mkdir(parents=True, exist_ok=True)
        # Python's own settings must not differ from what the environment says.
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        with self.log.open("wb") as log:
            # A group of its own: Ctrl-C reaches only this script, which then ends the servers.
            self.process = subprocess.Popen(
                self.contestant.command(self.port),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.contestant.folder,
                env=environment,
                process_group=0,
            )
        try:
            self._wait_until_it_answers()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.contestant.probe.path}"

    def cpu_seconds(self) -> float:
        return process_tree.cpu_seconds(self.process.pid)

    def pss_bytes(self) -> int:
        return process_tree.pss_bytes(self.process.pid)

    def says(self, text: str) -> bool:
        return text in self.log.read_text(errors="replace")

    def check_answer(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            probe = self.contestant.probe
            if probe.upload:
                connection.request("POST", probe.path, body=b"x" * probe.upload)
            else:
                connection.request("GET", probe.path)
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        answer = (response.status, len(body), body if probe.text is not None else None)
        if answer != (200, probe.length, probe.text):
            raise ContestError(f"{self.contestant.name} answers wrongly: {answer}")

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.check_answer()
                return
            except (OSError, http.client.HTTPException) as problem:
                if self.process.poll() is not None:
                    raise self._failed("ended") from problem
                if time.monotonic() > deadline:
                    raise self._failed(f"did not answer in {START_SECONDS:.0f} s") from problem
            time.sleep(0.05)

    def _failed(self, how: str) -> ContestError:
        tail = self.log.read_text(errors="replace").splitlines()[-15:]
        return ContestError("\n    ".join([f"{self.contestant.name} {how}. Its output:", *tail]))

    def _stop(self) -> None:
        leftovers = process_tree.Leftovers(self.process.pid)
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            print(
                f"{self.contestant.name} ignored SIGTERM for {STOP_SECONDS:.0f} s", file=sys.stderr
            )
        leftovers.kill()
        self.process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
