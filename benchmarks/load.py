"""One run of wrk against one server, and what it says."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass

from contestants import ContestError, Running

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


def run(server: Running, seconds: int) -> Sample:
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", server.url]
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


def _latency(percentile: str, text: str) -> float:
    value = _find(rf"^ +{percentile}% +([\d.]+[a-z]+)$", text)
    number = value.rstrip("msu")
    return float(number) * _UNITS[value[len(number) :]]


def _find(pattern: str, text: str, default: str | None = None) -> str:
    found = re.search(pattern, text, re.MULTILINE)
    if found is not None:
        return found.group(1)
    if default is None:
        raise ContestError(f"wrk printed something unexpected: no {pattern!r} in\n{text}")
    return default
