"""Waiting for a loop while a module is imported; on the waiting thread.

A thread that imports a module has its lock. If it waits there for a loop, and what the loop runs
imports the same module, the loop would wait for the lock. CPython finds such circles, in which the
last one to wait is given the module as far as it is; but it knows of module locks only. So whoever
waits for a loop is entered there as waiting for a lock that the loop's thread has.
"""

import contextlib
import importlib
import time
from _thread import get_ident
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any

from sluice._blocking_errors import wait_circle

_bootstrap: Any = importlib.import_module("_frozen_importlib")
#: The locks of the modules that are being imported now, by name.
_locks: dict[str, Callable[[], Any]] = _bootstrap._module_locks

#: Seconds that others have to see that they would wait for ever.
_PATIENCE = 0.5


class LockOfLoop:
    """Stands for a lock that the thread has that runs the loop."""

    def __init__(self, ident: Callable[[], int | None], loop_thread: str) -> None:
        """ident tells the thread, which may not run it yet."""
        self._ident = ident
        self.name = loop_thread

    @property
    def owner(self) -> int | None:
        return self._ident()


def are_imported() -> bool:
    """Whether modules are being imported, by whichever threads: a cheap look."""
    return bool(_locks)


def holds_locks() -> bool:
    """Whether the calling thread is importing something."""
    me = get_ident()
    for reference in list(_locks.values()):
        lock = reference()
        if lock is not None and getattr(lock, "owner", None) == me:
            return True
    return False


@contextlib.contextmanager
def entered(lock: LockOfLoop, what: str) -> Iterator[None]:
    """Has CPython know for the time of the block that this thread waits for the loop's."""
    with _blocked_on(lock):
        # The loop's thread says what it waits for, then looks for circles; we have said so, and
        # look now. One of the two sees the other.
        awaited = _awaited_by(lock.owner)
        if awaited is not None:
            _have_it_look_again(awaited, lock, what)
        yield


def _have_it_look_again(awaited: Any, lock: LockOfLoop, what: str) -> None:
    """Somebody has looked for circles before this thread was in one: it does so once more when it
    is woken."""
    _wake(awaited)
    until = time.monotonic() + _PATIENCE
    while (awaited := _awaited_by(lock.owner)) is not None:
        if time.monotonic() > until:
            raise wait_circle(
                f"this thread, which imports {awaited.name}, waits for {what}; {what} needs thread"
                f" {lock.name}, which waits for the import of {awaited.name}"
            )
        time.sleep(0.001)


def _wake(awaited: Any) -> None:
    """Wakes one that waits for a module's lock, as the owner does who gives it back."""
    with awaited.lock:
        if awaited.waiters:
            if isinstance(awaited.waiters, list):  # from Python 3.12 on
                awaited.waiters.pop()
            else:
                awaited.waiters -= 1
            awaited.wakeup.release()


def _awaited_by(ident: int | None) -> Any:
    """The lock of a module that a thread waits for, over any number of threads, and this one has;
    or None."""
    me = get_ident()
    seen: set[int | None] = {None}
    todo = [ident]
    while todo:
        each = todo.pop()
        if each in seen:
            continue
        seen.add(each)
        for lock in _awaited(each):
            if lock.owner == me and not isinstance(lock, LockOfLoop):
                return lock
            todo.append(lock.owner)
    return None


if hasattr(_bootstrap, "_BlockingOnManager"):  # from Python 3.12 on: several for each thread

    def _blocked_on(lock: LockOfLoop) -> AbstractContextManager[Any]:
        manager: AbstractContextManager[Any] = _bootstrap._BlockingOnManager(get_ident(), lock)
        return manager

    def _awaited(ident: int | None) -> Iterable[Any]:
        return list(_bootstrap._blocking_on.get(ident) or ())

else:

    def _blocked_on(lock: LockOfLoop) -> AbstractContextManager[Any]:
        return _noted(lock)

    @contextlib.contextmanager
    def _noted(lock: LockOfLoop) -> Iterator[None]:
        me = get_ident()
        before = _bootstrap._blocking_on.get(me)
        _bootstrap._blocking_on[me] = lock
        try:
            yield
        finally:
            if before is None:
                del _bootstrap._blocking_on[me]
            else:
                _bootstrap._blocking_on[me] = before

    def _awaited(ident: int | None) -> Iterable[Any]:
        lock = _bootstrap._blocking_on.get(ident)
        return () if lock is None else (lock,)
