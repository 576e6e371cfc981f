"""Many microthreads call Java and wait at different depths, while both collectors run often."""

import asyncio
import gc
import os
import queue
import random
import socket
import threading
import time
from typing import Any

import sluice.guard
import sluice.java
from sluice import microthread

ArrayList = sluice.java.type("java.util.ArrayList")
System = sluice.java.type("java.lang.System")

_SECONDS = float(os.environ.get("STRESS_SECONDS", "10"))
_MANY = 100

local = threading.local()
lock = threading.RLock()
made: "queue.SimpleQueue[int]" = queue.SimpleQueue()


def java() -> None:
    items = ArrayList()
    for each in range(5):
        items.add(each)
    items.forEach(lambda _: None)
    assert items.size() == 5


def deep(levels: int, wait: Any) -> int:
    if levels:
        return deep(levels - 1, wait) + max([0], key=lambda _: 0)
    java()
    wait()
    java()
    return 0


def waits(one: Any, other: Any) -> list[Any]:
    def echo() -> None:
        other.send(b"x")
        assert one.recv(1) == b"x"

    def locked() -> None:
        with lock:
            time.sleep(0.0002)

    def passed_on() -> None:
        made.put(1)
        made.get()

    return [
        lambda: time.sleep(random.random() / 500),
        echo,
        locked,
        passed_on,
        lambda: os.stat("/"),
        lambda: microthread.wait(asyncio.sleep(0.001)),
    ]


def work(number: int) -> None:
    local.number = number
    one, other = socket.socketpair()
    with one, other:
        for wait in random.sample(waits(one, other), 4):
            try:
                raise ValueError(number)
            except ValueError:
                deep(random.randrange(30), wait)
            assert local.number == number


async def main() -> None:
    until = time.monotonic() + _SECONDS
    ended = 0

    async def collect() -> None:
        while True:
            System.gc()
            gc.collect()
            await asyncio.sleep(0.02)

    async def keep_busy() -> None:
        nonlocal ended
        while time.monotonic() < until:
            await microthread.spawn(work, ended)
            ended += 1

    collecting = asyncio.create_task(collect())
    await asyncio.gather(*(keep_busy() for _ in range(_MANY)))
    collecting.cancel()
    switches = sum(each["count"] for each in microthread.yield_points())
    print(f"{ended} microthreads, {switches} switches")


sluice.guard.install("farm", "all")
asyncio.run(main())
