"""Frames of Java in Python's tracebacks, and of Python in Java's; called by Java."""

import sys
from collections.abc import Sequence
from types import FrameType, FunctionType, TracebackType


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


def seen(
    error: BaseException, known: tuple[int, int, int]
) -> tuple[list[tuple[str, str, str, int]], bool, int, int, int]:
    """The frames that the exception has seen, innermost first, in the form that add() takes.

    If its traceback still has the part that is known, by the addresses of the outermost and the
    innermost entry and the number of entries, that is left out. After the frames come whether it
    was, and what is known now.
    """
    frames: list[tuple[str, str, str, int]] = []
    outermost, innermost, length = known
    has_known = False
    number = 0
    last = None
    traceback = error.__traceback__
    while traceback is not None:
        if id(traceback) == outermost and _ends(traceback, innermost, length):
            has_known = True
            number += length
            break
        last = traceback
        number += 1
        frames.append(_seen(traceback))
        traceback = traceback.tb_next
    frames.reverse()
    end = innermost if has_known else id(last)
    return frames, has_known, id(error.__traceback__), end, number


def _ends(traceback: TracebackType | None, innermost: int, length: int) -> bool:
    last = None
    while traceback is not None and length >= 0:
        last = traceback
        length -= 1
        traceback = traceback.tb_next
    return length == 0 and id(last) == innermost


def _seen(traceback: TracebackType) -> tuple[str, str, str, int]:
    frame = traceback.tb_frame
    code = frame.f_code
    names = frame.f_globals
    known = names.get("__sluice_frame__")
    if known is None:
        known = (f"python:{names.get('__name__', '?')}", code.co_qualname)
    return known[0], known[1], code.co_filename, traceback.tb_lineno or 0


def count(error: BaseException) -> int:
    """How many frames the exception has seen."""
    number = 0
    traceback = error.__traceback__
    while traceback is not None:
        number += 1
        traceback = traceback.tb_next
    return number
