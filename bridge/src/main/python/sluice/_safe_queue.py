"""A queue that may be used anywhere, also in the midst of itself; see SafeQueue."""

import queue
import sys
from collections import deque
from collections.abc import Iterator
from functools import partial
from itertools import chain, compress, repeat
from operator import itemgetter, not_
from typing import Any, Generic, NoReturn, TypeVar

from sluice import _queue_waiting
from sluice._queue_taking import Taking
from sluice._queue_waiting import Line, QueueClosed, Side, perform

_queue_waiting.machinery.add(__file__)

if not getattr(sys, "_is_gil_enabled", lambda: True)():
    raise ImportError("sluice.SafeQueue needs a Python with a GIL: it relies on it")

_T = TypeVar("_T")
_Change = Iterator[Any]

#: Where a partial is given none it makes a dict, which on Python 3.11 may collect garbage first:
#: what that runs would find the change half made.
_NO_KEYWORDS: dict[str, Any] = {}


class SafeQueue(Generic[_T]):
    """A queue for threads, tasks and loops, with a bound or without, that may be used anywhere.

    That is: also in a signal handler, in __del__, in a callback of a weak reference or of
    sys.monitoring, in a trace or profile function, and in a Java Cleaner, while the same thread is
    at any point of any operation of the same queue.

    Why that is safe:

    1. There is no lock, so none can be held by what was interrupted. A put or a get that need not
       wait is one call of C code that cannot be interrupted: appending to a deque or popping from
       it; with a bound, one step of a zip of two such. What interrupts an operation sees the queue
       before that step or after it, and may do with it what it likes.
    2. Python code is interrupted, by signals, by other threads and by exceptions raised on it, only
       where CPython looks for that: at the beginning of a function, after a call of C code, and
       where a loop goes back. So operations make their step by an operator, or by taking one item
       from an iterator, and return *straight*, without any of the three. An
       exception hits an operation before its step, when nothing has been done, or hits the caller
       after it. (`put` without a bound is C code and nothing else; such an exception is raised
       behind it.) Finalisers do not raise. (Python 3.11 also runs finalisers where it makes
       objects that it tracks; a step makes none, or makes them before it changes anything.)
    3. Who waits says so before looking at the queue once more, and who changes it looks for them
       after the change, straight: one of the two sees the other. What wakes a thread or a loop is
       a byte in a descriptor of its own, also one step. Whoever is woken and does not take what is
       there, as it is cancelled or killed, wakes the next.
    4. An operation that would wait where what it waits for may lie below it on the stack raises
       Full or Empty at once: see place_that_must_not_wait.

    What a trace, profile or monitoring function raises may hit anything, and may lose an item
    between `get` and its caller, but not within `taking`, and never within the queue. All this
    holds where there is a GIL.
    """

    __slots__ = {
        "__weakref__": None,
        "_entering": None,
        "_getters": None,
        "_items": None,
        "_nobody": None,
        "_open": None,
        "_putters": None,
        "maxsize": "The bound; 0 if there is none.",
        "put": "put(item): appends an item.\n\nWith a bound put(item, block=True, timeout=None):"
        " Full is raised if there is no room,\nat once or after the timeout in seconds.\n"
        "QueueClosed is raised if the queue is closed.",
    }

    put: Any
    maxsize: int

    def __new__(cls, maxsize: int = 0) -> "SafeQueue[_T]":
        if maxsize > 0 and cls is SafeQueue:
            return object.__new__(_Bounded)
        if maxsize > 0 and not issubclass(cls, _Bounded):
            raise TypeError(f"{cls.__name__} has no bound: a subclass of SafeQueue cannot have one")
        return object.__new__(cls)

    def __init__(self, maxsize: int = 0) -> None:
        self.maxsize = max(maxsize, 0)
        self._items = Line()
        #: Not empty until the queue is closed.
        self._open: deque[bool] = deque([True])
        #: Its steps let an item in; they raise IndexError once the queue is closed.
        self._entering: _Change = map(deque.__getitem__, repeat(self._open), repeat(0))
        self._getters = Side(self._items, self._open, queue.Empty)
        #: What wakes nobody.
        self._nobody = Side(deque(), deque(), queue.Full)
        self._putters = self._nobody
        self._set_up()

    def _set_up(self) -> None:
        # Swapped for _put_and_wake as long as somebody waits. A partial reads what it calls when
        # it is called, so that whoever has got hold of it earlier calls the right one, too.
        self.put = partial(self._items.append)

    # -- putting

    def put_nowait(self, item: _T) -> None:
        """Appends an item; raises Full if there is no room."""
        self.put(item)

    async def put_async(self, item: _T) -> None:
        """Appends an item; a task waits as long as there is no room."""
        self.put(item)

    def _putting(self, item: _T) -> _Change:
        """The change that puts an item."""
        return zip(self._entering, map(self._items.append, (item,)), strict=False)

    def _put_next(self, items: Iterator[_T]) -> None:
        """Puts the next item of an iterator in C, which is asked for it in the same step, and only
        if there is room; never waits."""
        change = zip(self._entering, map(self._items.append, items), strict=False)
        try:
            perform(change, self._getters)
        except IndexError:
            raise (queue.Full if self._open else QueueClosed) from None

    def _attend(self) -> None:
        """Somebody waits, whom every put has to look for."""
        if self._open:
            self.put.__setstate__((self._put_and_wake, (), _NO_KEYWORDS, None))

    def _put_and_wake(self, item: _T, block: bool = True, timeout: float | None = None) -> None:
        side = self._getters
        change = self._putting(item)
        try:
            perform(change, side)
        except IndexError:
            raise QueueClosed("the queue is closed") from None
        if not side.sleepers and not side.armed:
            # In one step: if nobody waits and the queue is open, put becomes what it was.
            plain = compress(
                ((self._items.append, (), _NO_KEYWORDS, None),), map(not_, (side.sleepers,))
            )
            settled = compress(compress(plain, map(not_, (side.armed,))), self._open)
            for _ in map(self.put.__setstate__, settled):
                break

    # -- getting

    def get(self, block: bool = True, timeout: float | None = None) -> _T:
        """Removes the first item and returns it; waits for one if there is none.

        Empty is raised instead if block is false, or when the timeout in seconds is over;
        QueueClosed if the queue is closed and nothing is left.
        """
        if timeout is not None:
            _check(timeout, block)
        try:
            return ~self._items  # type: ignore[no-any-return]
        except IndexError:
            pass
        return self._get_slowly(self._popping(), self._nobody, block, timeout)

    def get_nowait(self) -> _T:
        """The first item; raises Empty if there is none."""
        return self.get(False)

    async def get_async(self) -> _T:
        """Removes the first item and returns it; a task waits if there is none.

        On any loop, several at once. A task that is cancelled takes nothing.
        """
        try:
            return ~self._items  # type: ignore[no-any-return]
        except IndexError:
            pass
        from sluice import _queue_loops  # noqa: PLC0415 (imports asyncio)

        later: _T = await _queue_loops.acquire(
            self._getters, self._popping(), self._nobody, self._attend
        )
        return later

    def _popping(self) -> _Change:
        return map(deque.popleft, repeat(self._items))

    def _get_slowly(self, change: _Change, wakes: Side, block: bool, timeout: float | None) -> _T:
        if not block:
            if not self._open and not self._items:
                raise QueueClosed("the queue is closed")
            raise queue.Empty
        item: _T = self._getters.acquire(change, wakes, self._attend, timeout)
        return item

    def taking(self, block: bool = True, timeout: float | None = None) -> "Taking[_T]":
        """A context that takes the first item, and keeps it safe until its block has been left.

            with q.taking() as item:
                work(item)

        If the block raises, or is killed at any point, also before it has begun, the item goes
        back to the front. So no item is ever lost; one whose block was killed is taken again.
        With a bound its room is given free at the end of the block.
        """
        if timeout is not None:
            _check(timeout, block)
        return Taking(self, block, timeout)

    def _letting_go(self, held: deque[Any]) -> _Change:
        """The change after which an item that was taken is the queue's no more."""
        return map(deque.pop, (held,))

    def __iter__(self) -> Iterator[_T]:
        """The items, until the queue is closed and nothing is left."""
        return self

    def __next__(self) -> _T:
        try:
            return self.get()
        except QueueClosed:
            raise StopIteration from None

    def __aiter__(self) -> "SafeQueue[_T]":
        return self

    async def __anext__(self) -> _T:
        try:
            return await self.get_async()
        except QueueClosed:
            raise StopAsyncIteration from None

    # -- the rest

    def close(self, immediate: bool = False) -> None:
        """Nothing can be put from now on; what is there may still be got, unless immediate is true.

        Whoever waits is woken: those for room get QueueClosed, those for items as soon as nothing
        is left.
        """
        emptied = (self._items,) if immediate else ()
        try:
            deque(
                chain(
                    map(deque.clear, (self._open,)),
                    map(deque.clear, emptied),
                    self._putting_ends(),
                    self._getters.waking_all(),
                    self._putters.waking_all(),
                ),
                0,
            )
        except OSError:
            perform(repeat(None), self._getters)
            perform(repeat(None), self._putters)

    def _putting_ends(self) -> _Change:
        return map(self.put.__setstate__, ((_refuse, (), _NO_KEYWORDS, None),))

    @property
    def closed(self) -> bool:
        """Whether nothing can be put any more."""
        return not self._open

    def qsize(self) -> int:
        """How many items there are, at the moment."""
        return len(self._items)

    def empty(self) -> bool:
        """Whether there is no item, at the moment."""
        return not self._items

    def full(self) -> bool:
        """Whether there is no room, at the moment."""
        return False

    def __repr__(self) -> str:
        bound = f" of {self.maxsize}" if self.maxsize else ""
        closed = ", closed" if self.closed else ""
        return f"<sluice.SafeQueue: {self.qsize()}{bound} items{closed}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a SafeQueue cannot be pickled or copied: it belongs to its process")


class _Bounded(SafeQueue[_T]):
    """With a bound: what a put takes and a get gives back is a slot."""

    __slots__ = ("_giving_back", "_slots")

    def _set_up(self) -> None:
        self._slots: deque[None] = deque(repeat(None, self.maxsize))
        self._putters = Side(self._slots, self._open, queue.Full)
        slots = map(deque.popleft, repeat(self._slots))
        self._entering = zip(self._entering, slots, strict=False)
        self._giving_back = map(self._slots.append, repeat(None))

    def put(self, item: _T, block: bool = True, timeout: float | None = None) -> None:
        """Appends an item, when there is room.

        Full is raised if there is none and block is false, or the timeout in seconds is over;
        QueueClosed if the queue is closed.
        """
        if timeout is not None:
            _check(timeout, block)
        change = self._putting(item)
        try:
            perform(change, self._getters)
            return
        except IndexError:
            pass
        if not self._open:
            raise QueueClosed("the queue is closed")
        if not block:
            raise queue.Full
        self._putters.acquire(change, self._getters, self._attend, timeout)

    def put_nowait(self, item: _T) -> None:
        self.put(item, False)

    async def put_async(self, item: _T) -> None:
        change = self._putting(item)
        try:
            perform(change, self._getters)
            return
        except IndexError:
            pass
        from sluice import _queue_loops  # noqa: PLC0415 (imports asyncio)

        await _queue_loops.acquire(self._putters, change, self._getters, self._attend)

    def _exiting(self) -> _Change:
        # A new one each time: a zip keeps what it gave last.
        return map(itemgetter(0), zip(self._popping(), self._giving_back, strict=False))

    def _letting_go(self, held: deque[Any]) -> _Change:
        return zip(super()._letting_go(held), self._giving_back, strict=False)

    def _attend(self) -> None:
        pass  # every change looks for those who wait

    def _putting_ends(self) -> _Change:
        return iter(())

    def get(self, block: bool = True, timeout: float | None = None) -> _T:
        if timeout is not None:
            _check(timeout, block)
        try:
            item: _T = perform(self._exiting(), self._putters)
            return item
        except IndexError:
            pass
        return self._get_slowly(self._exiting(), self._putters, block, timeout)

    async def get_async(self) -> _T:
        try:
            item: _T = perform(self._exiting(), self._putters)
            return item
        except IndexError:
            pass
        from sluice import _queue_loops  # noqa: PLC0415 (imports asyncio)

        later: _T = await _queue_loops.acquire(
            self._getters, self._exiting(), self._putters, self._attend
        )
        return later

    def full(self) -> bool:
        return not self._slots


def _check(timeout: float, block: bool) -> None:
    if block and timeout < 0:
        raise ValueError("'timeout' must be a non-negative number")


def _refuse(item: object, block: bool = True, timeout: float | None = None) -> NoReturn:
    raise QueueClosed("the queue is closed")
