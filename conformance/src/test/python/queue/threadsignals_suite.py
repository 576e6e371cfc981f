"""CPython's own tests of signals and threads, with locks made of SafeQueues, beside a loop.

--where prints where they are. They run three times: on the main thread alone; there while a loop
runs in another thread; and within a pass of a loop that the main thread runs.
"""

import _thread
import asyncio
import importlib
import queue
import signal
import sys
import threading
import types
import unittest
from typing import Any

import sluice


class Lock:
    """A lock: whoever has got the one item of a queue has it."""

    def __init__(self) -> None:
        self._items: sluice.SafeQueue[None] = sluice.SafeQueue()
        self._items.put(None)

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        try:
            self._items.get(blocking, None if timeout < 0 else timeout)
        except queue.Empty:
            return False
        return True

    def release(self) -> None:
        self._items.put(None)


class RLock(Lock):
    """The same, for one thread several times."""

    def __init__(self) -> None:
        super().__init__()
        self._owner = 0
        self._depth = 0

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        me = _thread.get_ident()
        if self._owner != me:
            if not super().acquire(blocking, timeout):
                return False
            self._owner = me
        self._depth += 1
        return True

    def release(self) -> None:
        self._depth -= 1
        if self._depth == 0:
            self._owner = 0
            super().release()


def run(theirs: Any, where: str) -> bool:
    suite = unittest.defaultTestLoader.loadTestsFromModule(theirs)
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    print(f"{where}: {result.testsRun} tests, {len(result.skipped)} skipped")
    return result.wasSuccessful() and result.testsRun > 0


async def run_in_pass(theirs: Any) -> bool:
    return run(theirs, "within a pass")


def main() -> int:
    theirs: Any = importlib.import_module("test.test_threadsignals")
    if sys.argv[1:] == ["--where"]:
        print(theirs.__file__)
        return 0
    ours = {**vars(_thread), "allocate_lock": Lock, "RLock": RLock}
    theirs.thread = types.SimpleNamespace(**ours)
    theirs.signalled_all = Lock()
    # It has one of Java's, which Python could not restore.
    signal.signal(signal.SIGUSR2, lambda *_: None)
    fine = run(theirs, "alone")
    # The tests wait for all threads to end that they see beginning, so these begin before.
    sluice.setup()
    ticks = sluice.EventualResult.gather(tick())
    fine &= run(theirs, "beside a loop")
    ticks.cancel()
    fine &= sluice.run(run_in_pass(theirs))
    print(threading.active_count(), "threads")
    return 0 if fine else 1


@sluice.run_in_loop
async def tick() -> None:
    """Has the loop sleep and wake all the time."""
    while True:
        await asyncio.sleep(0.001)


if __name__ == "__main__":
    sys.exit(main())
