"""Microthreads as threading sees them: each has a number and a Thread object of its own.

On the thread that runs them; get_ident on any.
"""

import _thread
import errno
import itertools
import os
import signal
import sys
import threading
import time
from typing import Any

from sluice import _guard_door as door
from sluice import _loop, _loop_handles
from sluice._guard_policy import thread_ident, watched

#: No thread of the system has such a number: those are addresses.
_FIRST_IDENT = 1 << 52
_idents = itertools.count(_FIRST_IDENT)
_started = threading.Event()
_started.set()
#: Whose questions are about the thread itself.
_PLAIN = ("asyncio.", "sluice.")


class MicrothreadThread(threading.Thread):
    """What threading.current_thread() gives within a microthread."""

    _initialized = True
    _started = _started

    def __init__(self, microthread: Any) -> None:
        # Thread's own would make locks and a handle for a thread of the system.
        self._microthread = microthread
        self._name = microthread.get_name()
        # Threads that it starts are what this is.
        self._daemonic = False
        self._ident = microthread.ident
        self._native_id = microthread.home.native_id
        self._is_stopped = False
        self._target = self._tstate_lock = None
        self._args: tuple[Any, ...] = ()
        self._kwargs: dict[str, Any] = {}

    def _after_fork(self, new_ident: int | None = None) -> None:
        """In a child that subprocess has forked, before it becomes another program."""

    def is_alive(self) -> bool:
        return not self._microthread.done()

    def start(self) -> None:
        raise RuntimeError("threads can only be started once")

    def join(self, timeout: float | None = None) -> None:
        self._microthread.join(timeout)

    def __repr__(self) -> str:
        state = "started" if self.is_alive() else "stopped"
        return f"<MicrothreadThread({self._name}, {state} {self._ident})>"

    def __reduce__(self) -> Any:
        raise TypeError("cannot pickle a thread")


def new_ident() -> int:
    return next(_idents)


def enter(microthread: Any) -> None:
    """Makes it known; threading.enumerate() lists it until it ends."""
    threading._active[microthread.ident] = MicrothreadThread(microthread)  # type: ignore[attr-defined]


def leave(microthread: Any) -> None:
    threading._active.pop(microthread.ident, None)  # type: ignore[attr-defined]


def _get_ident() -> int:
    if not watched:
        return thread_ident()
    ident = thread_ident()
    microthread = watched.get(-ident)
    if microthread is None or sys._getframe(1).f_globals.get("__name__", "").startswith(_PLAIN):
        return ident
    return microthread.ident  # type: ignore[no-any-return]


def _of_system(ident: int) -> int:
    """The number of the thread of the system: with another one these calls end the process."""
    if ident < _FIRST_IDENT:
        return ident
    found = threading._active.get(ident)  # type: ignore[attr-defined]
    if found is None:
        raise ProcessLookupError(errno.ESRCH, os.strerror(errno.ESRCH))
    return found._microthread.home.ident  # type: ignore[no-any-return]


def _translated(original: Any) -> Any:
    def translated(ident: int, /, *args: Any) -> Any:
        return original(_of_system(ident), *args)

    return translated


#: Functions that get such a number, with their modules, and what stands for them.
_BOUND: list[tuple[Any, Any, Any]] = [(_thread.get_ident, _thread, _get_ident)]
for _module, _name in ((signal, "pthread_kill"), (time, "pthread_getcpuclockid")):
    _found = getattr(_module, _name, None)
    if _found is not None:
        _BOUND.append((_found, door.first(_found), _translated(door.copy(_found))))


# Nothing takes a microthread up again in a forked child: there its calls are made as they are.
os.register_at_fork(after_in_child=watched.clear)


class State:
    """Whether they are ours now."""

    installed = False


def install() -> None:
    """From now on get_ident tells microthreads apart, whoever holds it."""
    for function, _, ours in _BOUND:
        if not door.rebound(function):
            door.rebind(function, ours)
    # Loops ask about the thread itself, with every call that is made soon.
    for module in (_loop, _loop_handles):
        module.__dict__["get_ident"] = thread_ident
    State.installed = True


def uninstall() -> None:
    """Undoes it."""
    State.installed = False
    for function, module, _ in _BOUND:
        if door.rebound(function):
            door.restore(function, module)
