"""One contestant: prints nanoseconds for each call in each place, as JSON; see README.md."""

import asyncio
import contextlib
import importlib
import json
import os
import select
import socket
import sys
import threading
import timeit
from typing import Any

lock, again = threading.Lock(), threading.RLock()
idle, _other = socket.socketpair()
full, _sender = socket.socketpair()
_sender.send(b"x")
for each in (idle, full):
    each.setblocking(False)
device = os.open("/dev/zero", os.O_RDONLY)
_drain, sender = socket.socketpair()

#: Calls that return at once.
CALLS = {
    "sleep": "sleep(0)",
    "select": "wait([], [], [], 0)",
    "recv": "receive(1, PEEK)",
    "recv, no data": "try: nothing(1)\nexcept BlockingIOError: pass",
    "send": "send(NOTHING)",
    "read": "read(device, 1)",
    "lock": "acquire(); release()",
    "with": "with lock: pass",
    "RLock": "acquire_again(); release_again()",
    "stat": "stat('/')",
}
#: What cannot wait, as its predicate finds out.
CANNOT_WAIT = ("select", "recv", "recv, no data", "lock", "with", "RLock")
#: What could, and is allowed.
ALLOWED = ("read", "stat")


def measure(names: tuple[str, ...], calls: int) -> dict[str, float]:
    """Nanoseconds for a call, the best of many: a disturbance spoils few of them."""
    found = {}
    for name in names:
        number = calls // 400 if name == "sleep" else calls // 20
        space = {
            "__name__": "measured",
            "NOTHING": b"",
            "PEEK": socket.MSG_PEEK,
            "acquire": lock.acquire,
            "acquire_again": again.acquire,
            "device": device,
            "lock": lock,
            "nothing": idle.recv,
            "read": os.read,
            "receive": full.recv,
            "release": lock.release,
            "release_again": again.release,
            "send": sender.send,
            "sleep": __import__("time").sleep,
            "stat": os.stat,
            "wait": select.select,
        }
        best = min(timeit.repeat(CALLS[name], number=number, repeat=100, globals=space))
        found[name] = best / number * 1e9
    return found


class Nothing:
    """No guard: all is allowed in every way."""

    def block(self) -> contextlib.AbstractContextManager[Any]:
        return contextlib.nullcontext()

    rule = caller = page = block


class Sluice(Nothing):
    """Its guard, with everything that can be guarded."""

    def __init__(self) -> None:
        self.guard: Any = importlib.import_module("sluice.guard")
        self.guard.install("raise", "all")

    def block(self) -> contextlib.AbstractContextManager[Any]:
        allowance: contextlib.AbstractContextManager[Any] = self.guard.allow("pipes", "files")
        return allowance

    @contextlib.contextmanager
    def rule(self, **where: str) -> Any:
        remove = self.guard.rule("pipes", "files", **where)
        yield
        remove()

    def caller(self) -> contextlib.AbstractContextManager[Any]:
        return self.rule(caller="measured")

    @contextlib.contextmanager
    def page(self) -> Any:
        for name in ALLOWED:
            try:
                measure((name,), 20)
            except self.guard.BlockingCallError as error:
                self.guard.set_site(f"{error.call} at {error.site}", "off")
        yield


class Blockbuster(Nothing):
    """It allows by the caller's file and function."""

    def __init__(self) -> None:
        blockbuster: Any = importlib.import_module("blockbuster")
        blocking = blockbuster.BlockBuster()
        blocking.activate()
        for each in ("os.read", "os.stat"):
            blocking.functions[each].can_block_in("contestant.py", "measure")


def main() -> None:
    """Arguments: the contestant, and how many calls."""
    kinds: dict[str, type[Nothing]] = {
        "plain": Nothing,
        "unguarded": Nothing,
        "sluice": Sluice,
        "blockbuster": Blockbuster,
    }
    contestant, calls = kinds[sys.argv[1]](), int(sys.argv[2])
    found = {"off": measure(tuple(CALLS), calls)}

    async def on_loop() -> None:
        found["cannot wait"] = measure(CANNOT_WAIT, calls)
        for name, allow in (
            ("allowed by a block", contestant.block),
            ("allowed by a rule", contestant.rule),
            ("allowed to a caller", contestant.caller),
            ("allowed on the page", contestant.page),
        ):
            with allow():
                found[name] = measure(ALLOWED, calls)

    asyncio.run(on_loop())
    print(json.dumps(found))
    sys.stdout.flush()


main()
