"""Functions that run on a loop, whoever calls them: run_in_loop and wait_for."""

import functools
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, Protocol, TypeVar, overload

from sluice._blocking_calls import Call, name_of
from sluice._blocking_errors import TimeoutError, own_thread
from sluice._blocking_results import EventualResult, here
from sluice._blocking_setup import choice, portal_for
from sluice._blocking_waits import wait_until_done

_P = ParamSpec("_P")
_T = TypeVar("_T")


@overload
def run_in_loop(function: Callable[_P, Awaitable[_T]], /) -> Callable[_P, EventualResult[_T]]: ...


@overload
def run_in_loop(function: Callable[_P, _T], /) -> Callable[_P, EventualResult[_T]]: ...


def run_in_loop(function: Any, /) -> Any:
    """Decorates a function: whoever calls it, the loop runs it, and the caller gets an
    EventualResult at once.

    The function may be plain or `async def`, and may return anything that can be awaited, or a
    Deferred of Twisted's. It runs with the context variables of its caller. On the loop's own
    thread it begins in one of the next passes.
    """
    return decorated(function, _starting)


def _starting(function: Callable[..., Any], result_type: Any = EventualResult) -> Any:
    name = name_of(function)

    def starting(*args: Any, **kwargs: Any) -> Any:
        portal = choice.portal
        if portal is None:
            portal = portal_for(f"{name}()")
        result = result_type(portal, function, args, kwargs, name)
        result.site = here()
        portal.submit(result)
        return result

    return starting


class _WaitFor(Protocol):
    @overload
    def __call__(self, function: Callable[_P, Awaitable[_T]], /) -> Callable[_P, _T]: ...

    @overload
    def __call__(self, function: Callable[_P, _T], /) -> Callable[_P, _T]: ...


def wait_for(timeout: float) -> _WaitFor:
    """Decorates a function as run_in_loop does, but that whoever calls it waits for the result.

    If that takes longer than so many seconds it is cancelled, and sluice.TimeoutError is raised;
    so is it if the wait is interrupted (KeyboardInterrupt). Refused on the loop's own thread.
    """
    if isinstance(timeout, bool) or not isinstance(timeout, (int, float)):
        raise TypeError(f"wait_for needs a timeout in seconds, not {timeout!r}: @wait_for(5.0)")
    seconds = float(timeout)

    def decorate(function: Any) -> Any:
        return decorated(function, lambda plain: _waiting(plain, seconds))

    return decorate


def _waiting(function: Callable[..., Any], timeout: float | None) -> Any:
    name = name_of(function)

    def waiting(*args: Any, **kwargs: Any) -> Any:
        portal = choice.portal
        if portal is None:
            portal = portal_for(f"{name}()")
        if portal.is_here():
            raise own_thread(f"{name}()")
        call = Call(portal, function, args, kwargs, name)
        try:
            portal.submit(call, True)
            if not (call.done or wait_until_done(call, timeout)):
                call.site = here()
                raise TimeoutError(
                    f"{call.what} was not done within {timeout} seconds, and is cancelled"
                )
        except BaseException:
            # Also where the wait is refused, or interrupted at any point.
            call.timed_out = True
            call.cancel()
            raise
        return call.take()

    return waiting


def decorated(function: Any, decorate: Callable[[Callable[..., Any]], Any]) -> Any:
    """The decorated function, or the same kind of method."""
    if isinstance(function, (classmethod, staticmethod)):
        return type(function)(decorated(function.__func__, decorate))
    if not callable(function):
        raise TypeError(f"a function is to be decorated, not {function!r}")
    wrapper: Any = functools.wraps(function)(decorate(function))
    wrapper.wrapped_function = function
    return wrapper
