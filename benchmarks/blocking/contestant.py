"""One way of waiting for a coroutine, under measurement: contestant.py NAME.

Reads lines from standard input, each the number of threads that wait at once and for how many
seconds, and answers each with the median and the 99th percentile in microseconds, and the waits a
second of all threads. Runs under python, and for Sluice under `sluice run`.
"""

import asyncio
import importlib
import statistics
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

#: Waits for a coroutine that gives its argument back.
Wait = Callable[[int], int]


async def echo(number: int) -> int:
    return number


def sluices() -> Wait:
    sluice: Any = importlib.import_module("sluice")
    sluice.setup()
    waits: Wait = sluice.wait_for(10.0)(echo)
    return waits


def crochets(module: str) -> Wait:
    crochet: Any = importlib.import_module(module)
    crochet.setup()
    waits: Wait = crochet.wait_for(10.0)(echo)
    return waits


def threadsafe() -> Wait:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()

    def waits(number: int) -> int:
        return asyncio.run_coroutine_threadsafe(echo(number), loop).result(10.0)

    return waits


def measure(waits: Wait, threads: int, seconds: float, start: Callable[..., Any]) -> str:
    """Has so many threads wait, again and again; start starts a thread."""
    gate = threading.Barrier(threads + 1)
    times: list[list[float]] = [[] for _ in range(threads)]

    def ask(own: list[float]) -> None:
        clock = time.perf_counter
        gate.wait()
        until = clock() + seconds
        number = 0
        while (began := clock()) < until:
            number += 1
            if waits(number) != number:
                raise AssertionError("the answer of another call")
            own.append(clock() - began)

    started = [start(ask, own) for own in times]
    gate.wait()
    began = time.perf_counter()
    for thread in started:
        thread.join()
    lasted = time.perf_counter() - began
    every = sorted(each for own in times for each in own)
    p50 = statistics.median(every) * 1e6
    p99 = every[len(every) * 99 // 100] * 1e6
    return f"{p50} {p99} {len(every) / lasted}"


def thread(function: Callable[..., Any], *args: Any) -> threading.Thread:
    started = threading.Thread(target=function, args=args)
    started.start()
    return started


def serve(waits: Wait, start: Callable[..., Any] = thread) -> None:
    """Measures what is asked for, until standard input ends."""
    waits(0)
    print("ready", flush=True)
    for line in sys.stdin:
        threads, seconds = line.split()
        print(measure(waits, int(threads), float(seconds), start), flush=True)


def serve_asgirefs() -> None:
    """With a running loop: that of the program, whose threads asgiref has started."""
    asgiref: Any = importlib.import_module("asgiref.sync")
    executors: Any = importlib.import_module("concurrent.futures")

    class Task:
        """A thread of asgiref's."""

        def __init__(self, loop: Any, pool: Any, function: Any, *args: Any) -> None:
            on_thread = asgiref.sync_to_async(function, thread_sensitive=False, executor=pool)
            self._future = asyncio.run_coroutine_threadsafe(on_thread(*args), loop)

        def join(self) -> None:
            self._future.result()

    async def main() -> None:
        loop = asyncio.get_running_loop()
        pool = executors.ThreadPoolExecutor(100)

        def start(function: Any, *args: Any) -> Any:
            return Task(loop, pool, function, *args)

        serving = asgiref.sync_to_async(serve, thread_sensitive=False, executor=pool)
        await serving(asgiref.async_to_sync(echo), start)

    asyncio.run(main())


def main(name: str) -> None:
    if name == "asgiref":
        serve_asgirefs()
        return
    makers: dict[str, Callable[[], Wait]] = {
        "sluice": sluices,
        "sluice.crochet": lambda: crochets("sluice.crochet"),
        "crochet": lambda: crochets("crochet"),
        "asyncio": threadsafe,
    }
    serve(makers[name]())


if __name__ == "__main__":
    main(sys.argv[1])
