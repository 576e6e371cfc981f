"""How each call that would block is made for a microthread; on the loop's thread."""

import contextlib
import functools
import math
import os
import select
from collections.abc import Callable
from typing import Any

from sluice import _guard_binding, _micro_door, _micro_pool, _micro_sockets
from sluice._micro_descriptors import IN, OUT, PRI, has_descriptors, wait_ready, wait_until
from sluice._micro_locks import look_until

_Perform = Callable[..., Any]

#: A pipe that is ready takes so much without waiting.
_PIPE_BUFFER = getattr(select, "PIPE_BUF", 512)

_made: dict[int, _Perform] = {}


def perform(farmed: Any, original: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Makes a call."""
    made = _made.get(id(original))
    if made is None:
        made = _made[id(original)] = _find(farmed.call, original)
    return made(farmed, *args, **kwargs)


def original_of(target: Any) -> Any:
    """What does as a method did before it was replaced."""
    for bound in _guard_binding.bound.values():
        if bound.target is target:
            return bound.original
    return target


def _find(call: Any, original: Any) -> _Perform:
    name, category = call.name, call.category
    if name == "time.sleep":
        return _sleep(original)
    if has_descriptors():
        if category == "sockets" and name in _micro_sockets._KINDS:
            return _micro_sockets.of_socket(name, original)  # type: ignore[no-any-return]
        if category == "tls":
            return _micro_sockets.of_tls(name, original)  # type: ignore[no-any-return]
        for known, kind in _LOOP.items():
            if name == known:
                return kind(original)
    if name == "threading.Thread.join":
        return _join(original)
    if category == "sqlite":
        return _sqlite(name, original)
    return _thread(original)


def _thread(original: Any) -> _Perform:
    def perform(farmed: Any, *args: Any, **kwargs: Any) -> Any:
        return _micro_pool.run(
            farmed.microthread, farmed.call.name, farmed.where, original, *args, **kwargs
        )

    return perform


def _sleep(original: Any) -> _Perform:
    def perform(farmed: Any, seconds: Any) -> None:
        try:
            duration = float(seconds)
        except (TypeError, ValueError, OverflowError):
            duration = -1
        if not 0 <= duration < 1e9 or math.isnan(duration):
            original(seconds)  # says what is wrong
            return
        if duration or not farmed.microthread.forbidden:
            farmed.microthread.sleep(duration, farmed.call.name, farmed.where)

    return perform


def _select(original: Any) -> _Perform:
    def perform(farmed: Any, read: Any, write: Any, other: Any, timeout: Any = None) -> Any:
        lists = [list(each) for each in (read, write, other)]
        if timeout is not None and timeout < 0:
            raise ValueError("timeout must be non-negative")
        found: list[Any] = []

        def look() -> bool:
            found[:] = original(*lists, 0)
            return any(found)

        wanted = [
            (each if isinstance(each, int) else each.fileno(), mask)
            for mask, among in zip((IN, OUT, PRI), lists, strict=True)
            for each in among
        ]
        _wait_on(farmed, wanted, look, timeout)
        return tuple(found)

    return perform


def _wait_on(farmed: Any, wanted: Any, test: Any, timeout: float | None) -> Any:
    merged: dict[int, int] = {}
    for fd, mask in wanted:
        merged[fd] = merged.get(fd, 0) | mask
    return wait_until(
        farmed.microthread, farmed.call.name, farmed.where, merged.items(), test, timeout
    )


def _poll(original: Any) -> _Perform:
    def perform(farmed: Any, poll: Any, timeout: Any = None) -> Any:
        watched: dict[int, int] = {}
        if not _micro_door.watched_by(poll, watched.update):
            return _thread(original)(farmed, poll, timeout)
        seconds = None if timeout is None or timeout < 0 else timeout / 1000
        return _wait_on(farmed, list(watched.items()), lambda: original(poll, 0), seconds)

    return perform


def _epoll(original: Any) -> _Perform:
    def perform(farmed: Any, epoll: Any, timeout: Any = None, maxevents: int = -1) -> Any:
        seconds = None if timeout is None or timeout < 0 else timeout
        return _wait_on(
            farmed, [(epoll.fileno(), IN)], lambda: original(epoll, 0, maxevents), seconds
        )

    return perform


def _readable(original: Any) -> _Perform:
    """Of pipes and their kin, whose descriptor comes first."""

    def perform(farmed: Any, fd: Any, *args: Any) -> Any:
        return _when_ready(farmed, fd, IN, original, fd, *args)

    return perform


def _writable(original: Any) -> _Perform:
    def perform(farmed: Any, fd: Any, data: Any) -> Any:
        # More than that might have to wait for a reader.
        some = memoryview(data).cast("B")[:_PIPE_BUFFER]
        return _when_ready(farmed, fd, OUT, original, fd, some)

    return perform


def _when_ready(farmed: Any, fd: Any, mask: int, original: Any, *args: Any) -> Any:
    try:
        _await(farmed, fd, mask)
    except PermissionError:  # it cannot be waited for
        return _thread(original)(farmed, *args)
    return original(*args)


def _await(farmed: Any, fd: int, mask: int) -> None:
    """Waits until a descriptor is ready, and is so still: who came before may have taken it."""
    while True:
        wait_ready(farmed.microthread, farmed.call.name, farmed.where, [(fd, mask)], None)
        poll = select.poll()
        poll.register(fd, mask)
        if poll.poll(0):
            return


def _file_read(original: Any) -> _Perform:
    """Of a file that is a pipe: ordinary files are read in place, since who reads one by a buffer
    holds that meanwhile."""

    def perform(farmed: Any, file: Any, *args: Any, **kwargs: Any) -> Any:
        with contextlib.suppress(PermissionError):
            _await(farmed, file.fileno(), IN)
        return original(file, *args, **kwargs)

    return perform


def _file_write(original: Any) -> _Perform:
    def perform(farmed: Any, file: Any, data: Any) -> Any:
        try:
            _await(farmed, file.fileno(), OUT)
        except PermissionError:
            return original(file, data)
        return original(file, memoryview(data).cast("B")[:_PIPE_BUFFER])

    return perform


def _file_read_all(original: Any) -> _Perform:
    def perform(farmed: Any, file: Any) -> Any:
        parts: list[bytes] = []
        try:
            while True:
                _await(farmed, file.fileno(), IN)
                part = os.read(file.fileno(), 65536)
                if not part:
                    return b"".join(parts)
                parts.append(part)
        except PermissionError:
            return original(file)

    return perform


def _waitpid(original: Any) -> _Perform:
    def perform(farmed: Any, pid: int, options: int) -> Any:
        if pid <= 0 or options or not hasattr(os, "pidfd_open"):
            return _thread(original)(farmed, pid, options)
        try:
            fd = os.pidfd_open(pid)
        except OSError:
            return original(pid, options)  # says what is wrong
        try:
            wait_ready(farmed.microthread, farmed.call.name, farmed.where, [(fd, IN)], None)
        finally:
            os.close(fd)
        return original(pid, options)

    return perform


def _join(original: Any) -> _Perform:
    def perform(farmed: Any, handle: Any, timeout: float | None = None) -> Any:
        me = farmed.microthread
        limit = None if timeout is None or timeout < 0 else timeout
        if look_until(me, farmed.call.name, farmed.where, handle.is_done, limit):
            return original(handle)
        return None

    return perform


def _sqlite(name: str, original: Any) -> _Perform:
    """SQLite's objects ask which thread uses them. A connection that a microthread makes does not
    ask; one that was made before is used where it was made."""
    reads_on = ".fetch" in name

    def by_thread(farmed: Any, *args: Any, **kwargs: Any) -> Any:
        # A transaction, or a result that is half read, is what others wait for.
        connection = getattr(args[0], "connection", args[0]) if args else None
        holds = reads_on or getattr(connection, "in_transaction", False)
        return _micro_pool.run(
            farmed.microthread,
            name,
            farmed.where,
            functools.partial(original, *args, **kwargs),
            among=_micro_pool.holders if holds else _micro_pool.farm,
        )

    if name == "sqlite3.connect":

        def connect(farmed: Any, *args: Any, **kwargs: Any) -> Any:
            if len(args) > 4:
                args = (*args[:4], False, *args[5:])
            else:
                kwargs["check_same_thread"] = False
            return by_thread(farmed, *args, **kwargs)

        return connect

    def perform(farmed: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return by_thread(farmed, *args, **kwargs)
        except Exception as error:
            if type(error).__name__ != "ProgrammingError" or "created in a thread" not in str(
                error
            ):
                raise
        return original(*args, **kwargs)

    return perform


_LOOP: dict[str, Callable[[Any], _Perform]] = {
    "select.select": _select,
    "select.poll": _poll,
    "select.epoll": _epoll,
    "os.read": _readable,
    "os.readv": _readable,
    "os.write": _writable,
    "os.waitpid": _waitpid,
    "io.FileIO.read": _file_read,
    "io.FileIO.readinto": _file_read,
    "io.FileIO.readall": _file_read_all,
    "io.FileIO.write": _file_write,
}
