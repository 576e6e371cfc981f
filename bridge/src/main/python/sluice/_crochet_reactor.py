"""Twisted's reactor on a loop of ours."""

import contextlib
import importlib
import importlib.util
import sys
import threading
from collections.abc import Iterator
from typing import Any

from sluice import _loop_java
from sluice._blocking_errors import other_reactor
from sluice._blocking_portal import Portal

_REACTOR = "twisted.internet.reactor"

#: Seconds between two looks for child processes that have ended.
_REAPS_EVERY = 0.5


def import_twisted() -> None:
    """Imports what is needed of it, but for the reactor, which comes with that."""
    if importlib.util.find_spec("twisted") is None:
        raise ModuleNotFoundError(
            "sluice.crochet needs Twisted, which this Python does not have: install the package"
            " twisted",
            name="twisted",
        )
    importlib.import_module("twisted.internet.asyncioreactor")


def installed() -> Any:
    """The reactor, if there is one."""
    return sys.modules.get(_REACTOR)


def loop_of(reactor: Any) -> Any:
    """The loop that a reactor is on; raises if it is on none."""
    loop = getattr(reactor, "_asyncioEventloop", None)
    if loop is None:
        raise other_reactor(
            f"Twisted's reactor is a {type(reactor).__name__} already, and none on a loop of"
            " asyncio's kind. Call sluice.crochet.setup() or no_setup() before"
            " twisted.internet.reactor is imported; from then on that is Sluice's."
        )
    return loop


def refuse_another(loop: Any) -> None:
    """Raises if there is a reactor on another loop."""
    reactor = installed()
    if reactor is not None and loop_of(reactor) is not loop:
        raise other_reactor(
            "Twisted's reactor is on another loop already. Call sluice.crochet.setup() before that"
            " one is installed; or sluice.crochet.no_setup(), if the program runs it."
        )


def install(loop: Any) -> Any:
    """Makes a reactor on the loop Twisted's; on the loop's thread, or before it runs."""
    asyncioreactor: Any = importlib.import_module("twisted.internet.asyncioreactor")
    asyncioreactor.install(loop)
    return sys.modules[_REACTOR]


def run(loop: _loop_java.JavaLoop) -> None:
    """Has a reactor run on the loop, which runs already, to the loop's end; on its thread."""
    reactor = installed() or install(loop)
    # What reactor.run does, but to run the loop.
    reactor.startRunning(installSignalHandlers=False)
    reactor.addSystemEventTrigger("during", "shutdown", setattr, loop, "ending", True)

    def end() -> None:
        if reactor.running:
            reactor.stop()  # which stops the loop behind what is to be done before
        else:
            _loop_java.stop(loop)

    loop.end_by_itself = end
    _reap_processes()


def _reap_processes() -> None:
    """Without signal handlers nobody tells Twisted that a child has ended."""
    process: Any = importlib.import_module("twisted.internet.process")
    task: Any = importlib.import_module("twisted.internet.task")
    task.LoopingCall(process.reapAllProcesses).start(_REAPS_EVERY, now=False)


def log_to_logging() -> None:
    """Has Twisted's log go where Python's goes: to the logger `twisted`."""
    log: Any = importlib.import_module("twisted.python.log")
    log.startLoggingWithObserver(log.PythonLoggingObserver().emit, setStdout=False)


class PoolRoom:
    """Makes room in the reactor's pool of threads, as long as one of these waits for the loop: or
    all of them might wait for what only another one could do."""

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._lock = threading.Lock()

    def __call__(self) -> contextlib.AbstractContextManager[object] | None:
        pool = self._reactor.threadpool
        if pool is None or threading.current_thread() not in pool.threads:
            return None
        return self._one_more(pool)

    @contextlib.contextmanager
    def _one_more(self, pool: Any) -> Iterator[None]:
        with self._lock:
            least = pool.min
            most = pool.max + 1
            if pool.workers >= pool.max:
                # Has it start one, for what may be queued.
                pool.adjustPoolsize(most, most)
            pool.adjustPoolsize(least, most)
        try:
            yield
        finally:
            with self._lock:
                pool.adjustPoolsize(pool.min, pool.max - 1)


def make_room(portal: Portal, reactor: Any) -> None:
    """Has waits for that loop make room in the reactor's pool."""
    portal.room = PoolRoom(reactor)
