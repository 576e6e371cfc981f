"""Runs of WebSocketLoad.java against one server, and what they say."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

from contestants import HERE, ContestError, Running
from load import Sample

#: How long memory may settle once all WebSockets are open.
SETTLE_SECONDS = 3.0


def echo(server: Running, seconds: int, clients: int) -> Sample:
    """Each message that came back counts as a request."""
    before = server.cpu_seconds()
    command = _load("echo", server, str(clients), str(seconds))
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    cpu = server.cpu_seconds() - before
    if result.returncode != 0:
        raise ContestError(f"{server.contestant.name} under WebSockets: {result.stderr.strip()}")
    said = json.loads(result.stdout)
    if said["messages"] == 0:
        raise ContestError(f"{server.contestant.name} echoed nothing in {seconds} s")
    return Sample(
        requests_per_second=said["messages"] / said["seconds"],
        p50=said["p50"],
        p99=said["p99"],
        cpu_per_request=cpu / said["messages"],
        memory=server.pss_bytes(),
        socket_errors=0,
    )


def idle(server: Running, clients: int) -> int:
    """The server's memory in bytes with so many WebSockets open that say nothing."""
    with subprocess.Popen(
        _load("idle", server, str(clients)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as load:
        assert load.stdout is not None  # because it was asked for
        opened = load.stdout.readline()
        if opened == "open\n":
            time.sleep(SETTLE_SECONDS)
        memory = server.pss_bytes()
        said, problem = load.communicate("\n")
    if opened != "open\n" or said != "still open\n":
        raise ContestError(f"{server.contestant.name} under idle WebSockets: {problem.strip()}")
    return memory


def _load(*arguments: str | Running) -> list[str]:
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else "java"
    # Few threads of its own: it shares the cores with the server.
    command = [java, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx512m"]
    words = [str(it.port) if isinstance(it, Running) else it for it in arguments]
    return [*command, str(HERE / "WebSocketLoad.java"), *words]
