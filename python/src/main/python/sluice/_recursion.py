"""Keeps recursion in threads that Python starts from the end of their stacks, and of the JVM.

Java sees to its own threads. Those of Python get a size of stack that Java names. From 3.14 on,
which measures stacks, they ask Java to leave room for itself before they run anything; older
versions only count, and reach their limits long before the end.
"""

import _thread
import sys
import threading
import warnings
from collections.abc import Callable
from typing import Any


def install(
    stack: int, fit: Callable[[], None] | None, fit_again: Callable[[], None] | None, highest: int
) -> None:
    """Called once in each interpreter, by Java.

    fit makes 3.14's limits fit the calling thread's stack; fit_again does so for all threads of
    3.11 after its limit was set, which may be the highest one at most.
    """
    _size_stacks(stack)
    if fit is not None:
        _fit_at_start(fit)
    if fit_again is not None:
        _limit(highest, fit_again)


def _size_stacks(least: int) -> None:
    set_size = _thread.stack_size

    def stack_size(*size: int) -> int:
        """Sets the size of new threads' stacks, of which only what is used takes memory."""
        if len(size) != 1 or size[0] < 0:
            return set_size(*size)
        return set_size(max(size[0], least))

    set_size(least)
    _thread.stack_size = stack_size
    threading.stack_size = stack_size


def _fit_at_start(fit: Callable[[], None]) -> None:
    for name in ("start_new_thread", "start_joinable_thread"):
        start = _fitting(getattr(_thread, name), fit)
        setattr(_thread, name, start)
        setattr(threading, f"_{name}", start)
    _thread.start_new = _thread.start_new_thread


def _fitting(start: Callable[..., Any], fit: Callable[[], None]) -> Callable[..., Any]:
    def start_fitting(function: Any, *args: Any, **kwargs: Any) -> Any:
        if not callable(function):
            return start(function, *args, **kwargs)

        def run(*own: Any, **named: Any) -> object:
            fit()
            return function(*own, **named)

        return start(run, *args, **kwargs)

    start_fitting.__doc__ = start.__doc__
    return start_fitting


def _limit(highest: int, fit_again: Callable[[], None]) -> None:
    set_limit = sys.setrecursionlimit

    def setrecursionlimit(limit: Any, /) -> None:
        """Sets the limit, up to what a thread's stack carries: 3.11 counts C and Python as one."""
        over = isinstance(limit, int) and limit > highest
        try:
            set_limit(highest if over else limit)
        finally:
            fit_again()
        if over:
            warnings.warn(
                "sluice: Python 3.11 cannot tell recursion in C, which takes stack, from its own,"
                f" so that its limit stays at {highest}. Python 3.12 and later can.",
                RuntimeWarning,
                stacklevel=2,
            )

    sys.setrecursionlimit = setrecursionlimit
