"""Where microthreads run: what a thread and a loop have for them, on that thread."""

import asyncio
import importlib
import sys
import threading
import weakref
from _thread import LockType, RLock
from collections import deque
from collections.abc import Callable
from typing import Any

from sluice import _loop_later, _micro_errors, _micro_threads
from sluice import _micro_door as door
from sluice._guard_farm import claimed, owned
from sluice._guard_policy import thread_ident, watched
from sluice._micro_timers import Timers
from sluice._micro_words import ThreadWords


def _greenlet() -> Any:
    try:
        return importlib.import_module("greenlet")
    except ImportError as error:
        if "not support loading in subinterpreters" in str(error):
            raise _micro_errors.no_own_gil() from None
        raise _micro_errors.no_greenlet(str(error)) from None


class Thread:
    """What a thread has: its words, and the number of the call of Java's that it is within."""

    def __init__(self) -> None:
        greenlet = _greenlet()
        self.new_stack = greenlet.greenlet
        self.current = greenlet.getcurrent
        self.ident = thread_ident()
        self.native_id = threading.get_native_id()
        self.words = ThreadWords()
        self.java: Any = memoryview(door.java_word())
        #: Whether it has ended, and its words with it.
        self.ended = False
        _loop_later.Default.is_plain = staticmethod(_is_within)


def _is_within() -> bool:
    """Whether a microthread calls."""
    return -thread_ident() in watched


#: What is told that a thread has ended.
at_thread_end: list[Callable[[Thread], None]] = []


class _Mark:
    """Goes with the thread."""

    def __init__(self, thread: Thread) -> None:
        self.thread = thread

    def __del__(self, is_ending: Callable[[], bool] = sys.is_finalizing) -> None:
        self.thread.ended = True
        if not is_ending():
            for each in at_thread_end:
                each(self.thread)


_of_thread = threading.local()


def _thread() -> Thread:
    """The calling thread's."""
    within = watched.get(-thread_ident())
    if within is not None:  # its thread-locals are its own
        return within.home.thread  # type: ignore[no-any-return]
    mark: _Mark | None = getattr(_of_thread, "mark", None)
    if mark is None:
        mark = _of_thread.mark = _Mark(Thread())
    return mark.thread


class Home:
    """What a loop has for its microthreads."""

    may_take: Any

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        thread = self.thread = _thread()
        self.ident = thread.ident
        self.native_id = thread.native_id
        self.new_stack = thread.new_stack
        self.current = thread.current
        self.words = thread.words
        self.view = thread.words.view
        self.first = thread.words.first
        self.second = thread.words.second
        self.java = thread.java
        self.keep = door.keep
        #: Locks that microthreads wait for and whose release may not be told: see _micro_locks.
        self.lock_waits: dict[int, Any] = {}
        #: What waits for descriptors and for sockets, once something does.
        self.descriptors: Any = None
        self.ports: Any = None
        self.timers = Timers()

    def look_at_locks(self, microthread: Any) -> None:
        """After a step: RLocks that it has given back, and locks that are free now."""
        claims = microthread.claims
        if claims:
            for key, lock in list(claims.items()):
                if not owned(lock):
                    del claims[key]
                    if claimed.get(key) is microthread:
                        del claimed[key]
        for key, lock in list(self.lock_waits.items()):
            if key not in called and not is_taken(lock):
                wake_next(key)


#: Who waits for a lock or a queue, by its number, the first first.
waiting: dict[int, deque[Any]] = {}
#: Of those, who was told to try, and has not done so yet.
called: dict[int, Any] = {}
_locked = LockType.locked


def is_taken(lock: Any) -> bool:
    """Whether it is no use to try it; another thread's RLock is not known to be taken."""
    if type(lock) is LockType:
        return _locked(lock)
    return isinstance(lock, RLock) and owned(lock)


def may_take(lock: Any, microthread: Any) -> bool:
    """Whether an RLock is no other microthread's of this thread, nor the thread's own.

    The native lock takes them all for one thread. This notes who may have it; whether he has is
    what the native lock says.
    """
    key = id(lock)
    if owned(lock):
        return claimed.get(key) is microthread
    claimed[key] = microthread
    microthread.claims[key] = lock
    return True


def wake_next(key: int) -> None:
    """Has the first of those try who wait for a lock or a queue; any thread, at any point."""
    queue = waiting.get(key)
    while queue:
        try:
            turn = queue.popleft()
        except IndexError:
            return
        called[key] = turn
        if turn.wake():
            return


Home.may_take = staticmethod(may_take)
_homes: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Home]" = weakref.WeakKeyDictionary()


def home_of(loop: asyncio.AbstractEventLoop) -> Home:
    """The loop's, on the thread that runs it."""
    home = _homes.get(loop)
    if home is None or home.thread is not _thread():
        home = _homes[loop] = Home(loop)
    if not _micro_threads.State.installed:
        _micro_threads.install()
    return home
