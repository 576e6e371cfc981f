"""One loop under measurement: contestant.py asyncio|uvloop|sluice.

Reads lines from standard input, each the name of a measurement and for how many seconds it should
last, and answers each with a figure. Runs under python, and for Sluice under `sluice run`.
"""

import asyncio
import importlib
import statistics
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

#: How many are handed over before the one who does so looks whether they were done.
_BURST = 10_000
_MESSAGE = b"x" * 63 + b"\n"


async def callbacks(seconds: float) -> float:
    """Callbacks a second that another thread hands over, with call_soon_threadsafe."""
    loop = asyncio.get_running_loop()

    def hand_over() -> float:
        done = threading.Event()
        began = time.perf_counter()
        count = 0
        while time.perf_counter() - began < seconds:
            for _ in range(_BURST):
                loop.call_soon_threadsafe(_nothing)
            count += _BURST
            # All of them have been run, and none is left for the next.
            loop.call_soon_threadsafe(done.set)
            done.wait()
            done.clear()
        return count / (time.perf_counter() - began)

    return await _on_thread(hand_over)


async def java_callbacks(seconds: float) -> float:
    """The same from a thread of Java's, where there is Java."""
    if not type(asyncio.get_running_loop()).__module__.startswith("sluice"):
        return await callbacks(seconds)
    side = importlib.import_module("sluice.java").type("JavaCallbacks")
    return float(await asyncio.to_thread(side.perSecond, _nothing, seconds))


async def round_trip(seconds: float) -> float:
    """The median time of run_coroutine_threadsafe from another thread, in microseconds."""
    loop = asyncio.get_running_loop()

    def ask() -> float:
        times = []
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            began = time.perf_counter()
            asyncio.run_coroutine_threadsafe(_coroutine(), loop).result()
            times.append(time.perf_counter() - began)
        return statistics.median(times) * 1e6

    return await _on_thread(ask)


async def call_soon(seconds: float) -> float:
    """Links a second of a chain of callbacks, each of which calls the next soon."""
    loop = asyncio.get_running_loop()
    ended = loop.create_future()
    count = 0
    began = time.perf_counter()

    def link() -> None:
        nonlocal count
        count += 1
        if count % 1_000 or time.perf_counter() - began < seconds:
            loop.call_soon(link)
        else:
            ended.set_result(None)

    link()
    await ended
    return count / (time.perf_counter() - began)


async def timers(seconds: float) -> float:
    """Timers a second that are set, half of them cancelled, and the others run."""
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    count = 0
    while time.perf_counter() - began < seconds:
        now = loop.time()
        kept = [loop.call_at(now + number * 1e-6, _nothing) for number in range(1_000)]
        for timer in kept[::2]:
            timer.cancel()
        await asyncio.sleep(0.002)
        count += 1_000
    return count / (time.perf_counter() - began)


async def tasks(seconds: float) -> float:
    """Tasks a second that are made and awaited, a hundred at a time."""
    began = time.perf_counter()
    count = 0
    while time.perf_counter() - began < seconds:
        await asyncio.gather(*(_coroutine() for _ in range(100)))
        count += 100
    return count / (time.perf_counter() - began)


async def streams(seconds: float) -> float:
    """Answers a second of an echo server of streams, for 32 connections of the same loop."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line)
        writer.close()

    async with await asyncio.start_server(echo, "127.0.0.1", 0) as server:
        return await _ask(server, seconds)


class _Echo(asyncio.Protocol):
    _transport: Any

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._transport.write(data)


async def protocols(seconds: float) -> float:
    """Answers a second of an echo server of protocols, for 32 connections of the same loop."""
    loop = asyncio.get_running_loop()
    async with await loop.create_server(_Echo, "127.0.0.1", 0) as server:
        return await _ask(server, seconds)


class _Client(asyncio.Protocol):
    """Sends a message, and the next when it has come back."""

    _transport: Any

    def __init__(self, until: float) -> None:
        self._until = until
        self._left = len(_MESSAGE)
        self.count = 0
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._transport.write(_MESSAGE)

    def data_received(self, data: bytes) -> None:
        self._left -= len(data)
        if self._left:
            return
        self._left = len(_MESSAGE)
        self.count += 1
        if time.perf_counter() < self._until:
            self._transport.write(_MESSAGE)
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended.set_result(None)


async def _ask(server: asyncio.Server, seconds: float) -> float:
    loop = asyncio.get_running_loop()
    port = server.sockets[0].getsockname()[1]
    began = time.perf_counter()
    clients = []
    for _ in range(32):
        _, client = await loop.create_connection(
            lambda: _Client(began + seconds), "127.0.0.1", port
        )
        clients.append(client)
    for client in clients:
        await client.ended
    return sum(client.count for client in clients) / (time.perf_counter() - began)


def _nothing() -> None:
    pass


async def _coroutine() -> None:
    pass


async def _on_thread(function: Callable[[], float]) -> float:
    """What a function returns on a thread of Python's."""
    loop = asyncio.get_running_loop()
    result: asyncio.Future[float] = loop.create_future()

    def run() -> None:
        found = function()
        loop.call_soon_threadsafe(result.set_result, found)

    threading.Thread(target=run).start()
    return await result


MEASURED: dict[str, Callable[[float], Awaitable[float]]] = {
    each.__name__: each
    for each in (
        callbacks,
        java_callbacks,
        round_trip,
        call_soon,
        timers,
        tasks,
        streams,
        protocols,
    )
}


def main(which: str) -> None:
    """Measures what is asked for, until standard input ends."""
    if which == "uvloop":
        loop: asyncio.AbstractEventLoop = importlib.import_module("uvloop").new_event_loop()
    else:
        loop = asyncio.new_event_loop()
    module = type(loop).__module__.split(".")[0]
    if module != which:
        raise SystemExit(f"the loop is {module}'s, not {which}'s")
    print("ready", flush=True)
    for line in sys.stdin:
        name, seconds = line.split()
        print(loop.run_until_complete(MEASURED[name](float(seconds))), flush=True)
    loop.close()


if __name__ == "__main__":
    main(sys.argv[1])
