"""What becomes of a call that reaches a loop on a thread that does not run it.

asyncio only notices in debug mode, and else leaves the loop asleep. Here it is noticed always; what
happens then is up to the loop's policy.
"""

import _thread
import asyncio
import gc
import inspect
import sys
import threading
import weakref
from asyncio import futures
from collections.abc import Callable
from types import FrameType
from typing import Any, Literal

Policy = Literal["raise", "repair"]

_CODE = "SL160"


class WrongThreadError(RuntimeError):
    """A loop, or what belongs to it, was used on a thread that does not run it.

    It is raised on that thread, and the loop's own run ends with the same error.
    """

    def __init__(self, message: str, guilty: str, loop_thread: str, site: str) -> None:
        super().__init__(message)
        #: The thread that did it.
        self.guilty = guilty
        #: The thread that runs the loop.
        self.loop_thread = loop_thread
        #: Where it was done: file, line and function.
        self.site = site

    def again(self) -> "WrongThreadError":
        """The same error, to be raised on another thread."""
        return WrongThreadError(str(self), self.guilty, self.loop_thread, self.site)


#: The threads that collect garbage now; there may be several, as one interpreter has one lock but
#: finalisers let go of it.
_collecting: set[int] = set()


def _note_collection(
    phase: str,
    _: dict[str, int],
    collecting: set[int] = _collecting,
    ident: Callable[[], int] = _thread.get_ident,
) -> None:
    # What it needs is bound, because globals are gone when an interpreter ends.
    if phase == "start":
        collecting.add(ident())
    else:
        collecting.discard(ident())


gc.callbacks.append(_note_collection)


def is_finalizer() -> bool:
    """Whether the calling thread runs what finalises an object: for that, nobody has chosen the
    thread.

    That is all that runs within a collection; and where the last reference was dropped, __del__,
    what a coroutine or generator does about its GeneratorExit, and callbacks of weak references.
    """
    if _thread.get_ident() in _collecting or _handles_generator_exit():
        return True
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_name == "__del__" or _has_dead_reference(frame):
            return True
        frame = frame.f_back
    return False


def _handles_generator_exit() -> bool:
    handled = sys.exception()
    seen: set[int] = set()
    while handled is not None and id(handled) not in seen:
        if isinstance(handled, GeneratorExit):
            return True
        seen.add(id(handled))
        handled = handled.__context__
    return False


def _has_dead_reference(frame: FrameType) -> bool:
    """Whether one of the first two arguments is a weak reference that is dead: which its callback
    gets, and hardly anything else."""
    code = frame.f_code
    if not code.co_argcount and not code.co_flags & inspect.CO_VARARGS:
        return False
    values = frame.f_locals
    first = [values.get(name) for name in code.co_varnames[: min(code.co_argcount, 2)]]
    if code.co_flags & inspect.CO_VARARGS:
        first += values.get(code.co_varnames[code.co_argcount + code.co_kwonlyargcount], ())[:2]
    return any(isinstance(each, weakref.ReferenceType) and each() is None for each in first)


def belongs_to_future(callback: Any, args: tuple[Any, ...]) -> bool:
    """Whether the call is to tell that a future is done, or a step of a task."""
    if len(args) == 1 and futures.isfuture(args[0]):
        return True
    return type(callback).__name__ == "TaskStepMethWrapper" or isinstance(
        getattr(callback, "__self__", None), asyncio.Task
    )


def error(what: str, loop_ident: int) -> WrongThreadError:
    """The error for a use of the loop; on the thread that did it."""
    threading.current_thread()  # a thread of Java's has a name from now on
    guilty = _describe(_thread.get_ident())
    owner = _describe(loop_ident)
    site = _site()
    return WrongThreadError(
        f"sluice {_CODE}: {what} was called on {guilty}, at {site}; but the loop runs on {owner},"
        f" and only that thread may do so. {_mend(what)}",
        guilty,
        owner,
        site,
    )


def _mend(what: str) -> str:
    if what.startswith("create_task"):
        return "Use asyncio.run_coroutine_threadsafe(coroutine, loop) there."
    return "Use loop.call_soon_threadsafe(function, *arguments) there."


def _describe(ident: int) -> str:
    """The thread's name and its number for the system."""
    thread = threading._active.get(ident)  # type: ignore[attr-defined]
    if thread is None:
        return f"thread {ident}"
    return f"thread {thread.name!r} ({thread.native_id})"


def _site() -> str:
    """The innermost call outside of asyncio and of us."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and _is_machinery(frame.f_code.co_filename):
        frame = frame.f_back
    if frame is None:
        return "Java code"
    return f"{frame.f_code.co_filename}:{frame.f_lineno} in {frame.f_code.co_name}"


def _is_machinery(filename: str) -> bool:
    return filename == __file__ or "/sluice/_loop" in filename or "/asyncio/" in filename


class Repairs:
    """The places that were repaired: each is reported once; on any thread."""

    def __init__(self, report: Callable[[str], Any]) -> None:
        self._report = report
        self._sites: dict[str, int] = {}

    def note(self, what: str, loop_ident: int) -> None:
        """Counts one more repair at the place that called, and reports the first."""
        found = error(what, loop_ident)
        count = self._sites.get(found.site, 0)
        self._sites[found.site] = count + 1
        if count == 0:
            self._report(f"{found} It was repaired, and will be there from now on.")
