"""The table of docs/guide/threads-and-loops.md: what happens where, cell by cell."""

import asyncio
import gc
import os
import queue
import re
import signal
import threading
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Any

from helpers import SOON, OtherLoop, Started, is_blocked, turns

import sluice
from sluice import _blocking_setup, java

GUIDE = Path(os.environ["BLOCKING_GUIDE"])

Call = Callable[[], object]


class Places:
    """What runs a function somewhere, and gives what it returns; by the head of the column."""

    @staticmethod
    def thread(function: Call) -> Any:
        return Started(function).result()

    @staticmethod
    def own_loop(function: Call) -> Any:
        return Places._on(_blocking_setup.choice.portal.loop, function)  # type: ignore[union-attr]

    @staticmethod
    def other_loop(function: Call) -> Any:
        portal = _blocking_setup.choice.portal
        with OtherLoop() as other:
            _blocking_setup.choice.portal = portal
            return Places._on(other.loop, function)

    @staticmethod
    def _on(loop: asyncio.AbstractEventLoop, function: Call) -> Any:
        found: queue.SimpleQueue[Any] = queue.SimpleQueue()
        loop.call_soon_threadsafe(lambda: found.put(function()))
        return found.get(timeout=SOON)

    @staticmethod
    def java_thread(function: Call) -> Any:
        found: queue.SimpleQueue[Any] = queue.SimpleQueue()
        java.type("java.lang.Thread")(lambda: found.put(function())).start()
        return found.get(timeout=SOON)

    @staticmethod
    def signal_handler(function: Call) -> Any:
        found: list[Any] = []

        def handle(signum: int, frame: object) -> None:
            found.append(function())

        before = signal.signal(signal.SIGUSR1, handle)
        try:
            signal.raise_signal(signal.SIGUSR1)
        finally:
            signal.signal(signal.SIGUSR1, before)
        return found[0]

    @staticmethod
    def finaliser(function: Call) -> Any:
        found: list[Any] = []

        class Thing:
            def __del__(self) -> None:
                found.append(function())

        Thing()
        gc.collect()
        return found[0]


PLACES: dict[str, Callable[[Call], Any]] = {
    "a thread": Places.thread,
    "its loop's thread": Places.own_loop,
    "another loop's thread": Places.other_loop,
    "a Java thread": Places.java_thread,
    "a signal handler": Places.signal_handler,
    "`__del__`": Places.finaliser,
}


def _loop() -> Any:
    portal = _blocking_setup.choice.portal
    assert portal is not None
    return portal.loop


class Rows:
    """What is called, and what that comes to; by the head of the row. Each makes a function to be
    called in the place, and one that says how it went, called afterwards, elsewhere."""

    @staticmethod
    def waits(released: threading.Event, wait: Call) -> Callable[[], str]:
        """A function that says "waits" if it comes back only when something is released, which is
        done when it is seen to wait."""

        def function() -> str:
            me = threading.current_thread()

            def release() -> None:
                pause = threading.Event()
                while not (is_blocked(me, "_acquire") or is_blocked(me, "_sleep")):
                    pause.wait(0.002)
                released.set()

            threading.Thread(target=release, daemon=True).start()
            try:
                value = wait()
            except Exception as error:
                return name_of(error)
            return "waits" if released.is_set() and value == "released" else f"gave {value!r}"

        return function

    @staticmethod
    def wait_for() -> Callable[[], str]:
        released = threading.Event()
        return Rows.waits(released, sluice.wait_for(SOON)(until(released)))

    @staticmethod
    def result_wait() -> Callable[[], str]:
        released = threading.Event()
        result = sluice.run_in_loop(until(released))()
        return Rows.waits(released, lambda: result.wait(SOON))

    @staticmethod
    def queue_get() -> Callable[[], str]:
        tested: Any = sluice.SafeQueue()
        released = Release(lambda: tested.put("released"))
        return Rows.waits(released, lambda: tested.get(timeout=SOON))

    @staticmethod
    def run_in_loop() -> Callable[[], str]:
        ran = threading.Event()
        return begins(ran, sluice.run_in_loop(ran.set))

    @staticmethod
    def gather() -> Callable[[], str]:
        ran = threading.Event()
        result = sluice.run_in_loop(lambda: 1)()
        result.wait(SOON)

        def gathered() -> Any:
            whole = sluice.EventualResult.gather(result)
            whole.observers.append(ran.set)
            if whole.done:
                ran.set()
            return whole

        return begins(ran, gathered)

    @staticmethod
    def call_soon_threadsafe() -> Callable[[], str]:
        ran = threading.Event()
        return begins(ran, lambda: _loop().call_soon_threadsafe(ran.set))

    @staticmethod
    def call_soon() -> Callable[[], str]:
        ran = threading.Event()
        return begins(ran, lambda: _loop().call_soon(ran.set))

    @staticmethod
    def done_wait() -> Callable[[], str]:
        result = sluice.run_in_loop(lambda: "done")()
        result.wait(SOON)
        return at_once(lambda: result.wait(SOON))

    @staticmethod
    def setup() -> Callable[[], str]:
        return at_once(sluice.setup)

    @staticmethod
    def queue_put() -> Callable[[], str]:
        tested: Any = sluice.SafeQueue()
        return at_once(lambda: tested.put(1))

    @staticmethod
    def cancel() -> Callable[[], str]:
        result = sluice.run_in_loop(until(threading.Event()))()
        turns()

        def cancel() -> str:
            result.cancel()
            after.append(check)
            return "cancels"

        def check() -> None:
            try:
                result.wait(SOON)
            except asyncio.CancelledError:
                return
            raise AssertionError("not cancelled")

        return cancel


ROWS: dict[str, Callable[[], Callable[[], str]]] = {
    "a function of `wait_for`": Rows.wait_for,
    "a function of `run_in_loop`": Rows.run_in_loop,
    "`result.wait()`": Rows.result_wait,
    "`result.wait()` of one that is done": Rows.done_wait,
    "`result.cancel()`": Rows.cancel,
    "`EventualResult.gather`": Rows.gather,
    "`sluice.setup()`": Rows.setup,
    "`SafeQueue.put`": Rows.queue_put,
    "`SafeQueue.get` of an empty one": Rows.queue_get,
    "`loop.call_soon_threadsafe`": Rows.call_soon_threadsafe,
    "`loop.call_soon`": Rows.call_soon,
}

#: What is to be looked at when the function has come back from its place.
after: list[Callable[[], None]] = []


class Release(threading.Event):
    """Does something when it is set."""

    def __init__(self, action: Call) -> None:
        super().__init__()
        self._action = action

    def set(self) -> None:
        super().set()
        self._action()


def until(released: threading.Event) -> Callable[[], Any]:
    async def wait() -> str:
        while not released.is_set():
            await asyncio.sleep(0.001)
        return "released"

    return wait


def begins(ran: threading.Event, start: Call) -> Callable[[], str]:
    def function() -> str:
        try:
            start()
        except Exception as error:
            return name_of(error)

        def check() -> None:
            assert ran.wait(SOON), "it has not run"

        after.append(check)
        return "begins"

    return function


def at_once(call: Call) -> Callable[[], str]:
    def function() -> str:
        try:
            call()
        except Exception as error:
            return name_of(error)
        return "at once"

    return function


def name_of(error: Exception) -> str:
    code = re.search(r"sluice (SL\d+)", str(error))
    return code.group(1) if code else type(error).__name__


def table() -> dict[str, dict[str, str]]:
    """The cells of the guide's table, by row and column."""
    lines = GUIDE.read_text().splitlines()
    first = next(number for number, line in enumerate(lines) if "| a thread |" in line)
    heads = [cell.strip() for cell in lines[first].strip("|").split("|")]
    rows = {}
    for line in lines[first + 2 :]:
        if not line.startswith("|"):
            break
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        rows[cells[0]] = dict(zip(heads[1:], cells[1:], strict=True))
    return rows


class Table(unittest.TestCase):
    def test_each_row_and_column_is_known(self) -> None:
        self.assertEqual(list(ROWS), list(table()))
        for cells in table().values():
            self.assertEqual(list(PLACES), list(cells))

    def test_each_cell(self) -> None:
        for row, cells in table().items():
            for place, said in cells.items():
                with self.subTest(f"{row}, {place}"):
                    after.clear()
                    self.assertEqual(said, PLACES[place](ROWS[row]()))
                    for check in after:
                        check()


if __name__ == "__main__":
    sluice.setup()
    unittest.main()
