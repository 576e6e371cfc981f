"""Places that must not wait, as what they wait for may lie below them on the stack."""

import importlib
import signal
import sys
import threading
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

from sluice import _finalizers

_getsignal: Callable[[int], Any] = importlib.import_module("_signal").getsignal
_WATCHER = "a trace or profile function"

#: So many frames are searched for a callback of a weak reference, which takes a look at arguments.
_SEARCHED = 3


def place_that_must_not_wait(machinery: set[str]) -> str | None:
    """The place that the calling thread is in, if it must not wait there.

    machinery are the files of a queue: the frames on top are the operation that asks; one further
    below is an operation of the same thread that has been interrupted.
    """
    if _finalizers.is_collecting():
        return "a garbage collection"
    if isinstance(sys.exception(), GeneratorExit):
        return "what closes a generator"
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename in machinery:
        frame = frame.f_back
    special = _codes_of_handlers()
    for watcher in (sys.gettrace(), sys.getprofile()):
        if watcher is not None:
            special[_code(watcher)] = _WATCHER
    depth = 0
    while frame is not None:
        code = frame.f_code
        if code.co_name == "__del__":
            return "__del__"
        below = frame.f_back
        if code in special and _is_given(frame, below):
            return special[code]
        if code.co_filename in machinery:
            return "an operation of a queue that was interrupted"
        if (
            depth < _SEARCHED
            and _finalizers.has_dead_reference(frame)
            and (below is None or below.f_code not in _runners())
        ):
            return "a callback of a weak reference"
        depth += 1
        if below is not None and below.f_trace is not None and _code(below.f_trace) is code:
            return _WATCHER
        frame = below
    return None


def _runners() -> set[CodeType | None]:
    """What calls functions of the program's, with whatever arguments that has chosen."""
    pool = sys.modules.get("concurrent.futures.thread")
    return {
        threading.Thread.run.__code__,
        _code(pool._WorkItem.run) if pool is not None else None,
    }


def _is_given(frame: FrameType, below: FrameType | None) -> bool:
    """Whether a function was given the frame that it interrupts, and not called by it as others
    are."""
    values = frame.f_locals.values()
    return any(
        each is below or (isinstance(each, tuple) and any(one is below for one in each))
        for each in values
    )


def _codes_of_handlers() -> dict[CodeType | None, str]:
    """The functions that handle signals; they run on the main thread only."""
    if threading.get_ident() != threading.main_thread().ident:
        return {}
    # Not the module signal, which makes members of enumerations, for a hundred times the time.
    found = map(_getsignal, range(1, signal.NSIG))
    codes = {_code(each): "a signal handler" for each in found if callable(each)}
    codes.pop(None, None)
    return codes


def _code(function: Any) -> CodeType | None:
    """The code that a function runs, also one that is bound, partial or an object to be called."""
    for _ in range(8):
        if isinstance(function, type):
            return None
        code = getattr(function, "__code__", None)
        if isinstance(code, CodeType):
            return code
        inner = getattr(function, "func", None) or getattr(function, "__func__", None)
        if inner is None:
            inner = getattr(type(function), "__call__", None)  # noqa: B004
            if not hasattr(inner, "__code__"):
                return None
        function = inner
    return None
