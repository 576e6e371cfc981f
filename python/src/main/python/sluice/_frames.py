"""Frames of Java in Python's tracebacks, and of Python in Java's; called by Java."""

import sys
from collections.abc import Sequence
from types import FrameType, FunctionType, TracebackType

_MOST = 1000


def add(error: BaseException, frames: Sequence[tuple[str, str, str, int]]) -> None:
    """Puts frames (owner, function, file, line) around those that the exception has seen.

    They come innermost first. A frame of Python's that only Java remembers has "python:" before
    its owner.
    """
    traceback = error.__traceback__
    for owner, function, file, line in frames:
        at = max(line, 0)
        traceback = TracebackType(traceback, _frame(owner, function, file, at), -1, at)
    error.__traceback__ = traceback


def _here() -> FrameType:
    return sys._getframe()


def _frame(owner: str, function: str, file: str, line: int) -> FrameType:
    """A frame that has ended, of a function that never was."""
    module = owner.removeprefix("python:")
    name = function if module != owner else f"{owner}.{function}"
    code = _here.__code__.replace(
        co_filename=file, co_name=name, co_qualname=name, co_firstlineno=max(line, 1)
    )
    names = {"sys": sys, "__name__": module, "__sluice_frame__": (owner, function)}
    frame: FrameType = FunctionType(code, names)()
    return frame


def seen(error: BaseException) -> list[tuple[str, str, str, int]]:
    """The frames that the exception has seen, innermost first, in the form that add() takes."""
    frames: list[tuple[str, str, str, int]] = []
    traceback = error.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        names = traceback.tb_frame.f_globals
        known = names.get("__sluice_frame__")
        if known is None:
            known = (f"python:{names.get('__name__', '?')}", code.co_qualname)
        frames.append((known[0], known[1], code.co_filename, traceback.tb_lineno or 0))
        traceback = traceback.tb_next
    frames.reverse()
    return frames[:_MOST]


def count(error: BaseException) -> int:
    """How many frames the exception has seen."""
    number = 0
    traceback = error.__traceback__
    while traceback is not None:
        number += 1
        traceback = traceback.tb_next
    return number
