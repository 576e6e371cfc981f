"""What becomes of a call that reaches a loop on a thread that does not run it.

asyncio only notices in debug mode, and else leaves the loop asleep. Here it is noticed always; what
happens then is up to the loop's policy.
"""

import _thread
import asyncio
import sys
import threading
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
