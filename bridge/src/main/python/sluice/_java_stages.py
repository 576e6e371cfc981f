"""Java's stages, such as CompletableFuture, awaited in Python; on the loop's thread."""

import asyncio
import contextlib
import sys
from collections.abc import Generator
from typing import Any

from sluice import _loop_door

#: The number of the call of Java's that a task does.
calls: dict[Any, int] = {}


def steps(stage: Any) -> Generator[Any, None, Any]:
    """What __await__ of a stage returns.

    The value crosses as any value of Java's does; a failure is raised as Java's exception. Where
    the task that waits is cancelled, the stage is cancelled too, if it can be.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()
    selector = getattr(loop, "_selector", None)
    number = getattr(selector, "number", None)

    def told(value: Any, failure: BaseException | None) -> None:
        if number is not None:
            _finish(future, value, failure)
        elif not loop.is_closed():  # asyncio's own loop, and a worker's thread
            loop.call_soon_threadsafe(_finish, future, value, failure)

    call = owner(asyncio.current_task()) if number is not None else None
    _loop_door.when_complete(stage, told, number, call)
    try:
        return (yield from future)
    except asyncio.CancelledError:
        if future.cancelled():
            # A stage need not have a future, nor let itself be cancelled.
            with contextlib.suppress(Exception):
                stage.toCompletableFuture().cancel(True)
        raise


def owner(task: "asyncio.Task[Any] | None") -> int | None:
    """The number by which Java knows the call that a task does, if it does one: Java's, or one of a
    thread of Python's."""
    number = calls.get(task)
    if number is None and (blocking := sys.modules.get("sluice._blocking_calls")) is not None:
        call = blocking.call_of(task)
        number = None if call is None else call.know()
    return number


def _finish(future: "asyncio.Future[Any]", value: Any, failure: BaseException | None) -> None:
    if future.done():
        return
    if failure is None:
        future.set_result(value)
    elif _is_cancellation(failure):
        future.cancel()
    else:
        future.set_exception(failure)


def _is_cancellation(failure: BaseException) -> bool:
    kind = type(failure)
    return (kind.__module__, kind.__qualname__) == (
        "java.util.concurrent",
        "CancellationException",
    )
