"""One contestant: prints nanoseconds for each call in each place, as JSON; see README.md."""

import asyncio
import importlib
import json
import os
import select
import socket
import sys
import threading
import timeit
from collections.abc import Callable
from typing import Any

lock = threading.Lock()
release = lock.release
idle, _other = socket.socketpair()
full, _sender = socket.socketpair()
_sender.send(b"x")
for each in (idle, full):
    each.setblocking(False)
device = os.open("/dev/zero", os.O_RDONLY)
reader, _writer = os.pipe()
os.set_blocking(reader, False)

#: Calls that return at once.
CALLS = {
    "sleep": "sleep(0)",
    "select": "wait([], [], [], 0)",
    "recv": "receive(1, PEEK)",
    "recv, no data": "try: nothing(1)\nexcept BlockingIOError: pass",
    "lock": "acquire(); release()",
    "with": "with lock: pass",
    "read": "read(device, 1)",
}
#: What cannot wait, as its predicate finds out.
CANNOT_WAIT = ("select", "recv", "recv, no data", "lock", "with")
#: What could, and is allowed.
ALLOWED = ("read",)


def measure(names: tuple[str, ...], calls: int) -> dict[str, float]:
    """Nanoseconds for a call, the best of five."""
    found = {}
    for name in names:
        number = calls // 20 if name == "sleep" else calls
        space = {
            "acquire": lock.acquire,
            "device": device,
            "lock": lock,
            "read": os.read,
            "nothing": idle.recv,
            "PEEK": socket.MSG_PEEK,
            "receive": full.recv,
            "release": release,
            "sleep": __import__("time").sleep,
            "wait": select.select,
        }
        best = min(timeit.repeat(CALLS[name], number=number, repeat=5, globals=space))
        found[name] = best / number * 1e9
    return found


def install(contestant: str) -> Callable[[], Any] | None:
    """Installs it; the result makes a context in which all is allowed."""
    if contestant == "sluice":
        guard: Any = importlib.import_module("sluice.guard")
        guard.install("raise", "all")
        return lambda: guard.allow("pipes")
    if contestant == "blockbuster":
        blockbuster: Any = importlib.import_module("blockbuster")
        blocking = blockbuster.BlockBuster()
        blocking.activate()
        for each in ("os.read",):
            blocking.functions[each].can_block_in("contestant.py", "measure")
    return None


def main() -> None:
    """Arguments: the contestant, and how many calls."""
    contestant, calls = sys.argv[1], int(sys.argv[2])
    allow = install(contestant)
    off = measure(tuple(CALLS), calls)

    async def on_loop() -> tuple[dict[str, float], dict[str, float]]:
        passing = measure(CANNOT_WAIT, calls)
        if allow is None:
            return passing, measure(ALLOWED, calls)
        with allow():
            return passing, measure(ALLOWED, calls)

    passing, allowed = asyncio.run(on_loop())
    print(json.dumps({"off": off, "cannot wait": passing, "allowed": allowed}))
    sys.stdout.flush()


main()
