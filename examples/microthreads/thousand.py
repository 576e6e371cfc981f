"""A thousand plain functions sleep on one thread, through a stray reference to time.sleep."""

import asyncio
import threading
import time
from time import sleep

import sluice.guard
from sluice import microthread

MANY = 1000
SECONDS = 0.2


def plain(number: int) -> int:
    """Knows nothing of loops, nor of microthreads."""
    sleep(SECONDS)
    return number


async def main() -> None:
    began = time.monotonic()
    results = await asyncio.gather(*(microthread.spawn(plain, each) for each in range(MANY)))
    took = time.monotonic() - began
    assert results == list(range(MANY))
    print(
        f"{MANY:,} functions slept {SECONDS} s each: {took:.2f} s in all,"
        f" {threading.active_count()} thread(s) of Python's"
    )
    for point in microthread.yield_points():
        print(f"suspended {point['count']:,} times: {point['call']} at {point['site']}")


sluice.guard.install("farm")
asyncio.run(main())
