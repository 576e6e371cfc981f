"""How a thread waits for a call that a loop makes."""

import contextlib
import itertools
import threading
from _thread import TIMEOUT_MAX, LockType, allocate_lock

from sluice import _loop_door
from sluice._blocking_calls import Call
from sluice._blocking_errors import own_thread, wait_circle
from sluice._blocking_imports import are_imported, entered, holds_locks

_numbers = itertools.count(_loop_door.first_number)


def wait_until_done(call: Call, timeout: float | None) -> bool:
    """Waits, so many seconds at the most; whether the call is done.

    Raises where the wait would never end: on the loop's own thread, or where the loop needs the
    calling thread over any number of hops.
    """
    if call.done:
        return True
    portal = call.portal
    if portal.is_here():
        raise own_thread(call.what)
    if timeout is not None and timeout <= 0:
        return False
    lock = allocate_lock()
    lock.acquire()
    call.waiters.append(lock)
    if call.is_done():
        return True
    try:
        if portal.room is None:
            return _wait(call, lock, timeout)
        with portal.room() or contextlib.nullcontext():
            return _wait(call, lock, timeout)
    finally:
        if not call.done:
            with contextlib.suppress(ValueError):
                call.waiters.remove(lock)


def _wait(call: Call, lock: LockType, timeout: float | None) -> bool:
    portal = call.portal
    wait = next(_numbers)
    call.is_known = True
    try:
        circle = _loop_door.block(wait, call.number, portal.door(), call.what)
        if circle is not None:
            if call.done:
                return True
            raise wait_circle(f"on {threading.current_thread().name}: {circle}")
        if are_imported() and holds_locks():
            with entered(portal.module_lock, call.what):
                _acquire(lock, timeout)
        else:
            _acquire(lock, timeout)
        return call.done
    finally:
        _loop_door.unblock(wait)
        if call.done:
            # Whoever has settled it may have seen nobody that waits.
            _loop_door.settled(call.number)


def _acquire(lock: LockType, timeout: float | None) -> None:
    if timeout is None:
        lock.acquire()
    else:
        lock.acquire(True, min(timeout, TIMEOUT_MAX))
