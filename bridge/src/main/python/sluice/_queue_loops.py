"""How tasks wait on a SafeQueue, on any loop of asyncio's kind.

A loop that waits has a bell: a descriptor that it watches. Whoever changes a queue rings it, which
is one step of an iterator in C, from any thread and any place; what follows is done by the loop.
"""

import asyncio
import contextlib
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from sluice import _queue_waiting
from sluice._queue_waiting import QueueClosed, Side, perform
from sluice._queue_wakes import Wake

_queue_waiting.machinery.add(__file__)


class Bell:
    """A descriptor that a loop watches for all its queues; on the loop's thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        #: The crowds that are to be looked after.
        self.ready: deque[Crowd] = deque()
        self.wake = Wake()
        loop.add_reader(self.wake.descriptor, self.answer)

    def answer(self) -> None:
        """It has been rung."""
        try:
            self.wake.silence()
            while self.ready:
                self.ready[0].rung()
                self.ready.popleft()
        except BaseException:
            # A signal's handler has ended it; the rest is for the next time.
            for _ in self.wake.strokes():
                break
            raise


_bells: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Bell]" = weakref.WeakKeyDictionary()


def tell_all() -> None:
    """Has loops look after their crowds whose descriptors have failed."""
    for loop, bell in list(_bells.items()):
        if bell.ready and not loop.is_closed():
            loop.call_soon_threadsafe(bell.answer)


class Crowd:
    """The tasks of one loop that wait on one side of a queue; on the loop's thread.

    As long as some are not woken, it is armed: any change rings. Then as many are woken as there
    is something for, and those who have been woken and have not tried yet count as served.
    """

    def __init__(self, side: Side, bell: Bell, attend: Callable[[], object]) -> None:
        self._side = side
        self._bell = bell
        self._attend = attend
        self._waker: Iterator[Any] | None = None
        self.futures: deque[asyncio.Future[None]] = deque()
        #: So many have been woken and have not tried yet.
        self.woken = 0

    def rung(self) -> None:
        """There was a change."""
        self._waker = None
        self.settle()

    def settle(self) -> None:
        """Wakes those for whom there is something, and arms itself for the others."""
        self._wake()
        if self.futures and self._waker is None:
            waker = self._strokes()
            self._side.armed[waker] = waker
            self._waker = waker
            self._attend()
            self._wake()  # for what came before it was armed
        if not self.futures:
            self._disperse()

    def _wake(self) -> None:
        side = self._side
        count = len(side.stock) - self.woken if side.open else len(self.futures)
        while count > 0 and self.futures:
            future = self.futures.popleft()
            if not future.done():
                self.woken += 1
                count -= 1
                future.set_result(None)

    def leave(self, future: "asyncio.Future[None]", loop: asyncio.AbstractEventLoop) -> None:
        """Whoever waits for that gives up: what it was woken for is another's."""
        if future.done() and not future.cancelled():
            self.woken -= 1
        else:
            with contextlib.suppress(ValueError):
                self.futures.remove(future)
        if asyncio._get_running_loop() is loop:
            self.settle()
        else:  # a coroutine that is dropped elsewhere, or after the loop's run
            with contextlib.suppress(OSError):
                for _ in self._strokes():
                    break

    def _strokes(self) -> Iterator[Any]:
        return zip(map(self._bell.ready.append, (self,)), self._bell.wake.strokes(), strict=False)

    def _disperse(self) -> None:
        if self._side.crowds.get(self._bell) is self:
            del self._side.crowds[self._bell]
        if self._waker is not None:
            self._side.disarm(self._waker)
            self._waker = None


def _crowd(side: Side, loop: asyncio.AbstractEventLoop, attend: Callable[[], object]) -> Crowd:
    bell = _bells.get(loop)
    if bell is None:
        bell = _bells[loop] = Bell(loop)
    crowd: Crowd | None = side.crowds.get(bell)
    if crowd is None:
        crowd = side.crowds[bell] = Crowd(side, bell, attend)
    return crowd


async def acquire(
    side: Side, change: Iterator[Any], wakes: Side, attend: Callable[[], object]
) -> Any:
    """Waits until the change can be made, and makes it."""
    loop = asyncio.get_running_loop()
    while True:
        if not side.open and not side.stock:
            raise QueueClosed("the queue is closed")
        crowd = _crowd(side, loop, attend)
        future = loop.create_future()
        try:
            crowd.futures.append(future)
            crowd.settle()
            await future
            crowd.settle()
            result = perform(change, wakes)
        except IndexError:
            crowd.woken -= 1
            if not side.open:
                raise QueueClosed("the queue is closed") from None
        except BaseException:
            crowd.leave(future, loop)
            raise
        else:
            crowd.woken -= 1
            return result
