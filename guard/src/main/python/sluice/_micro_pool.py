"""The farm: threads that make calls for microthreads which nothing but a thread can wait for.

They are named sluice-farm-N, there are no more than a limit, and they end when they have had
nothing to do for a while. What is submitted is taken by priority, then in order.
"""

import contextlib
import contextvars
import heapq
import itertools
import os
import threading
from _queue import Empty, SimpleQueue
from collections.abc import Callable
from typing import Any

from sluice._guard_policy import Quietly
from sluice._micro_run import Microthread, now

#: So many threads at most, without those whose calls nobody waits for any more.
LIMIT = 64
#: With them, so many times as much.
_WITH_ABANDONED = 4
#: Seconds that a thread waits for something to do.
_IDLE = 10.0

#: Of the running context: the lower, the sooner.
priority: contextvars.ContextVar[int] = contextvars.ContextVar("sluice.microthread.priority")


#: They leave something behind that is no result.
_LOCKS = ("fcntl.flock", "fcntl.lockf")


def _unlock(call: str, file: Any) -> None:
    import fcntl  # noqa: PLC0415 (it is there, as it was used)

    (fcntl.flock if call == "fcntl.flock" else fcntl.lockf)(file, fcntl.LOCK_UN)


class Job:
    """A call that a farm thread is to make."""

    __slots__ = (
        "_box",
        "_locks",
        "abandoned",
        "args",
        "call",
        "context",
        "error",
        "function",
        "since",
        "wait",
    )

    def __init__(self, wait: Any, function: Callable[..., Any], args: Any, kwargs: Any) -> None:
        self.wait = wait
        self.call: str = wait.call
        self.function: Any = function
        #: What is to be unlocked if nobody learns that it was locked.
        self._locks = args[0] if self.call in _LOCKS and hasattr(args[0], "fileno") else None
        self.args: Any = (args, kwargs)
        self.context: Any = contextvars.copy_context()
        self.error: BaseException | None = None
        #: Whether nobody waits for it any more.
        self.abandoned = False
        #: Its result, until somebody takes it.
        self._box: list[Any] = []
        self.since = now()

    def run(self) -> None:
        """On a thread of the farm."""
        if not self.abandoned:
            args, kwargs = self.args
            try:
                self._box.append(self.context.run(self.function, *args, **kwargs))
            except BaseException as error:
                self.error = error
        self.function = self.args = self.context = None
        if self.abandoned:
            self._discard()
        else:
            self.wait.wake(True)

    def abandon(self) -> None:
        """Whoever waited does no more."""
        self.abandoned = True
        self._discard()

    def _discard(self) -> None:
        """Closes what it has opened; whoever comes last finds it."""
        with contextlib.suppress(IndexError, Exception):
            result = self._box.pop()
            if self._locks is not None:
                _unlock(self.call, self._locks)
            if self.call == "os.open":
                os.close(result)
            elif hasattr(result, "close"):
                result.close()

    def result(self) -> Any:
        if self.error is not None:
            error, self.error = self.error, None
            try:
                raise error
            finally:
                del error
        return self._box.pop()


class Farm:
    """Threads of this interpreter's farm, and what waits for them."""

    def __init__(self, limit: int = LIMIT, name: str = "sluice-farm") -> None:
        self.limit = limit
        self._name = name
        self._lock = threading.Lock()
        self._heap: list[tuple[int, int, Job]] = []
        self._order = itertools.count()
        self._names = itertools.count(1)
        self._there: SimpleQueue[None] = SimpleQueue()
        self._threads = 0
        self._idle = 0
        self._running: set[Job] = set()

    def submit(self, job: Job) -> None:
        with Quietly():
            with self._lock:
                heapq.heappush(self._heap, (priority.get(0), next(self._order), job))
                grows = self._grow()
            self._there.put(None)
            if grows:
                self._start()

    def _grow(self) -> bool:
        """Whether another thread is needed, which then counts; under the lock."""
        grows = (
            len(self._heap) > self._idle
            and self._threads - self._stuck() < self.limit
            and self._threads < _WITH_ABANDONED * self.limit
        )
        self._threads += grows
        return grows

    def _stuck(self) -> int:
        return sum(job.abandoned for job in self._running)

    def abandon(self, job: Job) -> None:
        """Nobody waits for it any more: another thread may take its place."""
        job.abandon()
        with Quietly():
            with self._lock:
                grows = self._grow()
            if grows:
                self._there.put(None)
                self._start()

    def _start(self) -> None:
        thread = threading.Thread(
            target=self._work, name=f"{self._name}-{next(self._names)}", daemon=True
        )
        try:
            thread.start()
        except BaseException:
            with self._lock:
                self._threads -= 1
            raise

    def _work(self) -> None:
        while True:
            with self._lock:
                self._idle += 1
            try:
                self._there.get(timeout=_IDLE)
                job = None
            except Empty:
                job = False
            with self._lock:
                self._idle -= 1
                if job is False and not self._heap:
                    self._threads -= 1
                    return
                if not self._heap:
                    continue
                made: Any = heapq.heappop(self._heap)[2]
                self._running.add(made)
            made.run()
            with self._lock:
                self._running.discard(made)
                if self._threads - self._stuck() > self.limit:
                    self._threads -= 1
                    return
            job = made = None

    def report(self) -> dict[str, Any]:
        """What waits, and what runs."""
        with Quietly():
            waits = [job for _, _, job in tuple(self._heap) if not job.abandoned]
            running = tuple(self._running)
            moment = now()
            return {
                "threads": self._threads,
                "limit": self.limit,
                "queued": len(waits),
                "running": len(running),
                "abandoned": [job.call for job in running if job.abandoned],
                "longest_wait": max((moment - job.since for job in waits), default=0.0),
            }


farm = Farm()
#: For calls of those who may hold what others wait for, with all of the farm's threads: they would
#: never come to give it back.
holders = Farm(1024, "sluice-farm-holder")


def run(
    microthread: Microthread,
    call: str,
    where: str,
    function: Callable[..., Any],
    *args: Any,
    among: Farm = farm,
    **kwargs: Any,
) -> Any:
    """Has a farm thread make a call, while the microthread waits for what comes of it."""
    wait = microthread.begin(call, where)
    try:
        job = Job(wait, function, args, kwargs)
        try:
            among.submit(job)
            microthread.pause(wait)
        except BaseException:
            among.abandon(job)
            raise
    finally:
        microthread.wait = None
    return job.result()
