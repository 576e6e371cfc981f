"""What the tests of blocking code share."""

import asyncio
import contextlib
import gc
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any, Self

import sluice
from sluice import _blocking_setup, _loop_java
from sluice._blocking_portal import Portal

#: Seconds after which something hangs.
SOON = 20.0


class Recorder(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def texts(self) -> list[str]:
        return [record.getMessage() for record in self.records]


@contextlib.contextmanager
def recorded() -> Iterator[Recorder]:
    """What is logged meanwhile, to whichever logger."""
    recorder = Recorder()
    root = logging.getLogger()
    root.addHandler(recorder)
    try:
        yield recorder
    finally:
        root.removeHandler(recorder)


@sluice.wait_for(SOON)
async def turns(count: int = 3) -> None:
    """Has the loop make some passes, behind what it has been handed before."""
    for _ in range(count):
        await asyncio.sleep(0)


def settled_and_logged() -> None:
    """Until what was dropped, or is being cancelled, has had its consequences."""
    gc.collect()
    turns()
    gc.collect()
    turns()


class Started(threading.Thread):
    """A thread that is started, with what becomes of its function."""

    def __init__(self, function: Callable[..., Any], *args: Any, name: str | None = None) -> None:
        super().__init__(daemon=True, name=name)
        self._call = function, args
        self.value: Any = None
        self.error: BaseException | None = None
        self.start()

    def run(self) -> None:
        function, args = self._call
        try:
            self.value = function(*args)
        except BaseException as error:
            self.error = error

    def result(self) -> Any:
        """What the function has returned or raised."""
        self.join(SOON)
        if self.is_alive():
            frame = sys._current_frames()[self.ident or 0]
            raise AssertionError(f"{self.name} hangs at {frame.f_code} line {frame.f_lineno}")
        if self.error is not None:
            raise self.error
        return self.value


def is_blocked(thread: threading.Thread, where: str) -> bool:
    """Whether a thread is in a function of that name, and has been for a moment."""
    frame = sys._current_frames().get(thread.ident or 0)
    while frame is not None:
        if frame.f_code.co_name == where:
            return True
        frame = frame.f_back
    return False


def await_blocked(thread: threading.Thread) -> None:
    """Until a thread waits for a loop."""
    pause = threading.Event()
    for _ in range(2_000):
        if is_blocked(thread, "_acquire"):
            return
        if not thread.is_alive():
            raise AssertionError(f"{thread.name} has ended before it waited")
        pause.wait(0.01)
    raise AssertionError(f"{thread.name} does not wait")


class OtherLoop:
    """Another loop as setup() starts one, which ends with the block; in the block, decorated
    functions run there."""

    def __enter__(self) -> Self:
        self.loop = _loop_java.JavaLoop("raise", None)
        self.portal = Portal(self.loop, own=True)
        self._before = _blocking_setup.choice.portal
        _blocking_setup.choice.portal = self.portal
        self.thread = threading.Thread(
            target=_loop_java.run, args=(self.loop,), name="other-loop", daemon=True
        )
        self.thread.start()
        return self

    def stop(self) -> None:
        """Ends it, and waits for that."""
        self.portal.soon(_loop_java.stop, self.loop)
        self.thread.join(SOON)
        assert not self.thread.is_alive()

    def __exit__(self, *_: object) -> None:
        self.stop()
        _blocking_setup.choice.portal = self._before
