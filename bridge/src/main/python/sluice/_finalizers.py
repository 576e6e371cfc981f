"""Whether the calling thread runs what finalises an object: for that, nobody has chosen the thread,
nor the moment.
"""

import _thread
import gc
import sys
import weakref
from collections.abc import Callable
from types import FrameType

#: As inspect has it.
_CO_VARARGS = 0x04

#: The thread that collects garbage now, if one does.
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


# Called with the phase and a dictionary, with which the set has nothing in common: so it is empty
# whenever a collection ends, in C code, which no signal's exception can hit as it can a function.
gc.callbacks.append(_collecting.intersection_update)
gc.callbacks.append(_note_collection)


def is_finalizer() -> bool:
    """Whether the calling thread runs what finalises an object.

    That is all that runs within a collection; and where the last reference was dropped, __del__,
    what a coroutine or generator does about its GeneratorExit, and callbacks of weak references.
    """
    if is_collecting() or _handles_generator_exit():
        return True
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_name == "__del__" or has_dead_reference(frame):
            return True
        frame = frame.f_back
    return False


def is_collecting() -> bool:
    """Whether the calling thread is in a garbage collection."""
    return bool(_collecting) and _thread.get_ident() in _collecting


def _handles_generator_exit() -> bool:
    """Whether the calling thread handles what a coroutine or generator gets when it is closed."""
    handled = sys.exception()
    seen: set[int] = set()
    while handled is not None and id(handled) not in seen:
        if isinstance(handled, GeneratorExit):
            return True
        seen.add(id(handled))
        handled = handled.__context__
    return False


def has_dead_reference(frame: FrameType) -> bool:
    """Whether one of the first two arguments is a weak reference that is dead: which its callback
    gets, and hardly anything else."""
    code = frame.f_code
    if not code.co_flags & _CO_VARARGS and (
        not code.co_argcount or (code.co_argcount == 1 and code.co_varnames[0] == "self")
    ):
        return False
    values = frame.f_locals
    first = [values.get(name) for name in code.co_varnames[: min(code.co_argcount, 2)]]
    if code.co_flags & _CO_VARARGS:
        first += values.get(code.co_varnames[code.co_argcount + code.co_kwonlyargcount], ())[:2]
    return any(isinstance(each, weakref.ReferenceType) and each() is None for each in first)
