"""Functions with a context manager around what they do; the guard sees through them."""

import functools
import inspect
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager
from typing import Any, TypeVar

_F = TypeVar("_F", bound=Callable[..., Any])


def decorated(manager: AbstractContextManager[Any], function: _F, is_of_task: bool) -> _F:
    """A function of the same kind that is within the manager whenever its code runs, and is not
    while it is suspended.

    is_of_task says that what the manager changes is the running task's alone: a coroutine enters it
    once, then.
    """
    made: Any
    if _is(inspect.iscoroutinefunction, function):
        made = _coroutine(manager, function, is_of_task)
    elif _is(inspect.isasyncgenfunction, function):
        made = _async_generator(manager, function)
    elif _is(inspect.isgeneratorfunction, function):
        made = _generator(manager, function)
    else:
        made = _plain(manager, function)
    functools.update_wrapper(made, function)
    return made  # type: ignore[no-any-return]


def _is(asks: Callable[[Any], bool], function: Any) -> bool:
    """Whether a function is of some kind, or an object that is called as one."""
    return asks(function) or (
        not isinstance(function, type) and asks(getattr(function, "__call__", None))  # noqa: B004
    )


def _plain(manager: AbstractContextManager[Any], function: Any) -> Any:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        with manager:
            return function(*args, **kwargs)

    return wrapper


def _coroutine(manager: AbstractContextManager[Any], function: Any, is_of_task: bool) -> Any:
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        if is_of_task:
            with manager:
                return await function(*args, **kwargs)
        return await _Awaited(manager, function(*args, **kwargs))

    return wrapper


def _generator(manager: AbstractContextManager[Any], function: Any) -> Any:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return (yield from _steps(manager, function(*args, **kwargs)))

    return wrapper


def _async_generator(manager: AbstractContextManager[Any], function: Any) -> Any:
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        inner = function(*args, **kwargs)
        step = inner.asend(None)
        try:
            while True:
                try:
                    item = await _Awaited(manager, step)
                except StopAsyncIteration:
                    return
                try:
                    sent = yield item
                except GeneratorExit:
                    raise
                except BaseException as error:
                    step = inner.athrow(error)
                else:
                    step = inner.asend(sent)
        finally:
            await _Awaited(manager, inner.aclose())

    return wrapper


class _Awaited:
    """Awaits something, within the manager whenever that runs."""

    def __init__(self, manager: AbstractContextManager[Any], inner: Any) -> None:
        self._manager = manager
        self._inner = inner

    def __await__(self) -> Generator[Any, Any, Any]:
        return _steps(self._manager, self._inner.__await__())


def _steps(manager: AbstractContextManager[Any], inner: Any) -> Generator[Any, Any, Any]:
    """What `yield from inner` does, with the manager around each step."""
    resume, argument = inner.send, None
    while True:
        try:
            with manager:
                item = resume(argument)
        except StopIteration as stop:
            return stop.value
        try:
            argument = yield item
            resume = inner.send
        except GeneratorExit:
            with manager:
                inner.close()
            raise
        except BaseException as error:
            resume, argument = inner.throw, error
