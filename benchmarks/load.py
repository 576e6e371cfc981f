"""One run of wrk against one server, and what it says."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contestants import ContestError, Running

if TYPE_CHECKING:
    from pathlib import Path

CONNECTIONS = 64
_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}


@dataclass(frozen=True)
class Sample:
    requests_per_second: float
    p50: float
    p99: float
    cpu_per_request: float
    memory: int
    socket_errors: int


def run(
    server: Running, seconds: int, connections: int = CONNECTIONS, script: Path | None = None
) -> Sample:
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    command += ["-s", str(script)] if script else []
    command.append(server.url)
    before = server.cpu_seconds()
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    cpu = server.cpu_seconds() - before
    name = server.contestant.name
    if result.returncode != 0:
        raise ContestError(f"wrk failed against {name}: {result.stderr.strip()}")
    # A refusal is cheaper than an answer, so a run with refusals says nothing about speed.
    refused = _find(r"Non-2xx or 3xx responses: (\d+)", result.stdout, "0")
    if refused != "0":
        raise ContestError(f"{name} answered {refused} requests with an error under load")
    requests = int(_find(r"(\d+) requests in", result.stdout))
    if requests == 0:
        raise ContestError(f"{name} answered no request in {seconds} s")
    errors = _find(r"Socket errors: (.*)", result.stdout, "")
    return Sample(
        requests_per_second=float(_find(r"Requests/sec: +([\d.]+)", result.stdout)),
        p50=_latency("50", result.stdout),
        p99=_latency("99", result.stdout),
        cpu_per_request=cpu / requests,
        memory=server.pss_bytes(),
        socket_errors=sum(map(int, re.findall(r"\d+", errors))),
    )


def run_http2(server: Running, seconds: int, connections: int, streams: int) -> Sample:
    """h2load over cleartext with prior knowledge; it tells no percentiles, so the mean does."""
    command = ["h2load", "-t1", f"-c{connections}", f"-m{streams}", f"-D{seconds}", server.url]
    before = server.cpu_seconds()
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    cpu = server.cpu_seconds() - before
    name = server.contestant.name
    if result.returncode != 0:
        raise ContestError(f"h2load failed against {name}: {result.stderr.strip()}")
    done = int(_find(r"requests: \d+ total, \d+ started, (\d+) done", result.stdout))
    succeeded = int(_find(r"(\d+) succeeded", result.stdout))
    if done == 0 or succeeded < done:
        raise ContestError(f"{name} answered {done - succeeded} of {done} requests with an error")
    mean = _find(r"time for request: +\S+ +\S+ +([\d.]+[a-z]+)", result.stdout)
    number = mean.rstrip("msu")
    latency = float(number) * _UNITS[mean[len(number) :]]
    return Sample(
        requests_per_second=float(_find(r"finished in [\d.]+\w+, ([\d.]+) req/s", result.stdout)),
        p50=latency,
        p99=latency,
        cpu_per_request=cpu / done,
        memory=server.pss_bytes(),
        socket_errors=0,
    )


def _latency(percentile: str, text: str) -> float:
    value = _find(rf"^ +{percentile}% +([\d.]+[a-z]+) *$", text)
    number = value.rstrip("msu")
    return float(number) * _UNITS[value[len(number) :]]


def _find(pattern: str, text: str, default: str | None = None) -> str:
    found = re.search(pattern, text, re.MULTILINE)
    if found is not None:
        return found.group(1)
    if default is None:
        raise ContestError(f"wrk printed something unexpected: no {pattern!r} in\n{text}")
    return default
