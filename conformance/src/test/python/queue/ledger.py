"""What the tests of SafeQueue have in common: signals, producers, and accounts of what was got."""

import queue
import signal
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sluice

#: Every so many seconds there is a signal.
PERIOD = 0.0002
#: Producers rest while so many items wait.
MOST = 5_000


#: Seconds in which everything that is waited for has come.
SOON = 10.0


@contextmanager
def alarms(handler: Callable[[], None]) -> Iterator[list[int]]:
    """Calls that on the main thread, all the time; the list has the number of calls."""
    calls = [0]

    def handle(_: int, __: Any) -> None:
        calls[0] += 1
        handler()

    signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, PERIOD, PERIOD)
    try:
        yield calls
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        # Not what it was: some may still be on their way.
        signal.signal(signal.SIGALRM, signal.SIG_IGN)


class Producers:
    """All that puts into one queue, each with numbers of its own."""

    def __init__(self, tested: Any) -> None:
        self.queue = tested
        self.put: dict[str, int] = defaultdict(int)
        self._inside: set[str] = set()

    def put_next(self, name: str, wait: bool = True) -> None:
        """One more item of a producer that never runs twice at a time."""
        number = self.put[name]
        if wait:
            self.queue.put((name, number))
        else:
            try:
                self.queue.put_nowait((name, number))
            except (queue.Full, sluice.QueueClosed):
                return
        self.put[name] = number + 1

    def put_unless_inside(self, name: str) -> None:
        """The same for what may interrupt itself: then it does nothing."""
        name = f"{name} {threading.get_ident()}"
        if name in self._inside:
            return
        self._inside.add(name)
        self.put_next(name, wait=False)
        self._inside.discard(name)


class Share:
    """What one consumer has got, marked; a byte for each item, as there are many."""

    def __init__(self) -> None:
        self.marks: dict[str, bytearray] = {}
        self.last: dict[str, int] = {}

    def enter(self, item: tuple[str, int]) -> None:
        name, number = item
        marks = self.marks.setdefault(name, bytearray())
        last = self.last.get(name, -1)
        assert number > last, f"{name}: {number} after {last}"
        self.last[name] = number
        marks.extend(bytes(number - len(marks)))
        marks.append(1)


def account(shares: list[Share], producers: Producers) -> int:
    """Nothing is lost, nothing is twice; returns how many items there were."""
    for name, count in producers.put.items():
        total = 0
        whole = 0
        for share in shares:
            marks = share.marks.get(name, bytearray())
            assert len(marks) <= count, f"{name} has never put {len(marks) - 1}"
            total += marks.count(1)
            whole |= int.from_bytes(marks, "little")
        held = whole.to_bytes(count, "little").count(1)
        assert held == count, f"{count - held} of {count} of {name} are lost"
        assert total == count, f"{total - count} of {count} of {name} are there twice"
    return sum(producers.put.values())


def on_thread(function: Callable[[], Any]) -> Callable[[], Any]:
    """Runs it on a thread; what is returned waits for its result."""
    result: list[Any] = []

    def run() -> None:
        try:
            result.append(function())
        except BaseException as raised:
            result.append(raised)

    thread = threading.Thread(target=run)
    thread.start()

    def wait() -> Any:
        thread.join(SOON)
        if not result:
            raise AssertionError("it still waits")
        if isinstance(result[0], BaseException):
            raise result[0]
        return result[0]

    return wait


def until(condition: Callable[[], Any]) -> None:
    """Waits until it is true."""
    limit = time.monotonic() + SOON
    while not condition():
        if time.monotonic() > limit:
            raise AssertionError("it has not come true")
        time.sleep(0.001)
