"""Which loop runs what threads wait for: one that setup() starts, or the program's own."""

import _thread
import asyncio
import atexit
import logging
import sys
import threading
import traceback
import weakref
from typing import Any

from sluice import _loop_door, _loop_java, _loop_later, _loop_runs
from sluice._blocking_errors import chosen_before, no_running_loop, not_set_up
from sluice._blocking_portal import Portal, log_unreported
from sluice._blocking_results import report_lost

_LOGGER = logging.getLogger("sluice")

#: Seconds that the loop has for its end when the program ends.
_PATIENCE = 5.0


class _Choice:
    """What was chosen for this interpreter."""

    #: The loop, if one is known; read without the lock.
    portal: Portal | None = None
    #: Whether the program runs its own.
    is_programs = False
    #: The loop that was found last at a call, where none was given.
    found: Portal | None = None
    #: The thread that setup has started.
    thread: threading.Thread | None = None
    lock = threading.Lock()


choice = _Choice()
_portals: "weakref.WeakKeyDictionary[Any, Portal]" = weakref.WeakKeyDictionary()


def setup() -> None:
    """Starts a loop on a thread of its own, unless there is one, or no_setup() was called before;
    any thread, any number of times.

    The thread, `sluice-loop-I`, ends with the program: when the other threads that are no daemons
    have ended, and before exit functions that were registered earlier. (In an interpreter with a
    GIL of its own, which has no daemon threads: before those are waited for.)
    """
    with choice.lock:
        if choice.portal is None and not choice.is_programs:
            start()


def start() -> Portal:
    """Starts the loop; with the lock."""
    loop = _loop_java.JavaLoop(_loop_later.Default.wrong_thread, None)
    portal = Portal(loop, own=True)
    name = f"sluice-loop-{_loop_door.interpreter()}"
    portal.module_lock.name = name
    # Where nobody must be a daemon, threads are waited for before exit functions run.
    may_be_daemon = getattr(_thread, "daemon_threads_allowed", lambda: True)()
    thread = threading.Thread(target=_run, args=(loop,), name=name, daemon=may_be_daemon)
    if may_be_daemon:
        atexit.register(stop)
    else:
        threading._register_atexit(stop)  # type: ignore[attr-defined]
    thread.start()
    choice.thread = thread
    choice.portal = portal
    return portal


def _run(loop: _loop_java.JavaLoop) -> None:
    _loop_door.name_thread(threading.current_thread().name)
    _loop_java.run(loop)


def stop(patience: float = _PATIENCE) -> None:
    """Ends the loop that setup has started; what waits for it is told."""
    portal, thread = choice.portal, choice.thread
    if portal is None or thread is None:
        return
    if portal.soon(_stop_loop, portal.loop) and thread is not threading.current_thread():
        thread.join(patience)
        if thread.is_alive():
            frame = sys._current_frames().get(thread.ident or 0)
            where = "".join(traceback.format_stack(frame)) if frame is not None else "in Java code"
            _LOGGER.error(
                "sluice SL172: the loop did not end within %s seconds, as it was to; what is left,"
                " and fails with LoopStopped: %s. Have it end when it is cancelled. Thread %s is"
                " still in\n%s",
                patience,
                ", ".join(call.describe() for call in list(portal.pending)) or "none of its calls",
                thread.name,
                where,
            )
            portal.end()
    report_lost()
    log_unreported()


def _stop_loop(loop: _loop_java.JavaLoop) -> None:
    if loop.end_by_itself is not None:
        loop.end_by_itself()
    else:
        _loop_java.stop(loop)


def no_setup(loop: asyncio.AbstractEventLoop | None = None) -> None:
    """Says that the program runs its own loop, which later calls of setup() leave alone.

    That loop is the given one, or the one that runs in the calling thread. Or else it is looked for
    at each call: the one that runs in the thread that calls; where none does, the one that was
    found last, until it is closed, or Sluice's that Python's main thread runs.
    """
    with choice.lock:
        if choice.thread is not None:
            raise chosen_before(
                "no_setup() came after setup(), which has started a loop. Call it first, before"
                " what calls setup() is imported."
            )
        choice.is_programs = True
        if loop is not None and not isinstance(loop, asyncio.AbstractEventLoop):
            raise TypeError(f"no_setup needs a loop of asyncio's kind, or none, not {loop!r}")
        given = loop or asyncio._get_running_loop()
        if given is None:
            return
        portal = portal_of(given)
        known = choice.portal
        if known is not None and not (known is portal or known.stopped):
            raise chosen_before(
                "no_setup() was given another loop before, which is not closed. Close that first."
            )
        choice.portal = portal


def portal_for(what: str) -> Portal:
    """The loop for a call; what names it in the error if there is none."""
    portal = choice.portal
    if portal is not None:
        return portal
    if not choice.is_programs:
        raise not_set_up(what)
    loop: Any = asyncio._get_running_loop()
    found = choice.found
    if loop is None:
        if found is not None and found.loop.is_running():
            return found
        loops = _loop_runs.on_main[-1:]
        if not loops and found is None:
            raise no_running_loop(what)
        loop = loops[0] if loops or found is None else found.loop
    portal = portal_of(loop)
    if not portal.stopped:
        choice.found = portal
    return portal


def portal_of(loop: Any) -> Portal:
    """The portal of a loop that we do not run; the same each time."""
    portal = _portals.get(loop)
    if portal is None:
        portal = _portals.setdefault(loop, Portal(loop, ended=_forget))
    return portal


def _forget(portal: Portal) -> None:
    _portals.pop(portal.loop, None)
    if choice.found is portal:
        choice.found = None
