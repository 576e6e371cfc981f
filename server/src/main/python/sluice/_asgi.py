"""ASGI: requests become tasks of the loop, and what they wait for becomes futures.

Everything here runs on the loop's thread.
"""

import asyncio
import collections.abc
import contextlib
import http
import os
import sys
import types
from collections.abc import Callable, Generator
from contextvars import Context, copy_context
from typing import Any

#: From 3.12 on a task may run until it first waits, without a turn of the loop.
_EAGER = sys.version_info >= (3, 12)

#: The stubs of older versions know nothing of eager tasks.
_Task: Any = asyncio.Task


class _Awaitable:
    """What receive and send return: also a coroutine, as far as asyncio.create_task asks."""

    __slots__ = ()

    def __await__(self) -> Generator[Any, None, Any]:
        raise NotImplementedError

    def send(self, value: Any) -> Any:
        return self.__await__().send(value)

    def throw(self, *error: Any) -> Any:
        return self.__await__().throw(*error)

    def close(self) -> None:
        """There is nothing to end."""


collections.abc.Coroutine.register(_Awaitable)


class Done(_Awaitable):
    """There is nothing to wait for, and no result."""

    __slots__ = ()

    # No function of Python's runs for it.
    __await__ = ().__iter__  # type: ignore[assignment]

    def send(self, value: Any) -> Any:
        raise StopIteration

    def throw(self, *error: Any) -> Any:
        raise _thrown(*error)


class Value(_Awaitable):
    """A result that is there already."""

    __slots__ = ("_value",)

    def __init__(self, value: Any) -> None:
        self._value = value

    def __await__(self) -> Generator[Any, None, Any]:
        yield from ()
        return self._value

    def send(self, value: Any) -> Any:
        raise StopIteration(self._value)


class Pending(_Awaitable):
    """A result that will come; no future itself, as what is both is refused by asyncio.wait.

    The result is taken only when whoever waits goes on: a wait that is cancelled loses nothing.
    """

    __slots__ = ("_again", "_future", "_loop", "_steps")

    def __init__(self, loop: asyncio.AbstractEventLoop, again: Any) -> None:
        """again gives the result, or None if it has to be waited for; None if there is none."""
        self._loop = loop
        self._again = again
        self._future: asyncio.Future[None] = loop.create_future()
        self._steps: Generator[Any, None, Any] | None = None

    def __await__(self) -> Generator[Any, None, Any]:
        while True:
            yield from self._future
            if self._again is None:
                return None
            result = self._again(self)
            if result is not None:
                return result
            self._future = self._loop.create_future()

    def send(self, value: Any) -> Any:
        return self._iterator().send(value)

    def throw(self, *error: Any) -> Any:
        return self._iterator().throw(*error)

    def _iterator(self) -> Generator[Any, None, Any]:
        if self._steps is None:
            self._steps = self.__await__()
        return self._steps

    def close(self) -> None:
        self._future.cancel()
        if self._steps is not None:
            self._steps.close()

    def done(self) -> bool:
        """Whether nobody waits any more."""
        return self._future.done()

    def wake(self) -> None:
        if not self._future.done():
            self._future.set_result(None)


class Later(_Awaitable):
    """What was asked for on another thread: it is done when it is awaited on the loop's."""

    __slots__ = ("_arguments", "_function", "_loop", "_steps")

    def __init__(self, loop: Any, function: Any, arguments: tuple[Any, ...]) -> None:
        self._loop = loop
        self._function = function
        self._arguments = arguments
        self._steps: Generator[Any, None, Any] | None = None

    def __await__(self) -> Generator[Any, None, Any]:
        name = self._function.__name__
        if not self._loop.allows(name, None):
            # Reported as a repair, but what comes of it could not be awaited here.
            raise RuntimeError(f"{name} cannot be awaited on another thread")
        return (yield from self._function(*self._arguments).__await__())

    def send(self, value: Any) -> Any:
        return self._iterator().send(value)

    def throw(self, *error: Any) -> Any:
        return self._iterator().throw(*error)

    def _iterator(self) -> Generator[Any, None, Any]:
        if self._steps is None:
            self._steps = self.__await__()
        return self._steps

    def close(self) -> None:
        if self._steps is not None:
            self._steps.close()


def _thrown(kind: Any, value: Any = None, _traceback: Any = None) -> BaseException:
    """What a coroutine's throw is to raise."""
    if isinstance(kind, BaseException):
        return kind
    if isinstance(value, BaseException):
        return value
    made: BaseException = kind() if value is None else kind(value)
    return made


class ClientDisconnected(OSError):
    """Something was sent to a client that is gone."""


class Service:
    """Runs an application's requests as tasks."""

    def __init__(self, loop: asyncio.AbstractEventLoop, application: Any, door: Any) -> None:
        """door are the functions of dev.sluice.server.asgi.Door, in its order."""
        self._loop = loop
        self._application = application
        self._take, self._deliveries, self._ended, self._returned = door
        self._tasks: dict[asyncio.Task[Any], int] = {}
        self._numbers: dict[int, asyncio.Task[Any]] = {}

    def begin(self) -> None:
        """Java has requests."""
        requests = self._take()
        requests.reverse()  # the first is popped first
        returned: list[int] = []
        try:
            while requests:
                number, scope, receive, send = requests.pop()
                if self._has_returned(number, scope, receive, send):
                    returned.append(number)
        finally:
            if returned:
                self._returned(returned)

    def _has_returned(self, number: int, scope: Any, receive: Any, send: Any) -> bool:
        """Starts a request; whether the application has returned already, which Java is to know."""
        try:
            context = copy_context()  # of this request only
            coroutine = context.run(self._application, scope, receive, send)
            if type(coroutine) is not types.CoroutineType and not asyncio.iscoroutine(coroutine):
                coroutine = _awaited(coroutine)
            task = self._new_task(coroutine, context)
        except BaseException as error:  # also what ends programs: it ends this request only
            self._ended(number, error)
            return False
        if task.done() and not task.cancelled() and task.exception() is None:
            return True
        self._watch(number, task)
        # The application's frames keep this one, which is not to keep what they have raised.
        del task, coroutine
        return False

    def _watch(self, number: int, task: Any) -> None:
        if task.done():
            self._finish(number, task)
            return
        self._tasks[task] = number
        self._numbers[number] = task
        task.add_done_callback(self._on_done)

    def _new_task(self, coroutine: Any, context: Context) -> Any:
        if self._loop.get_task_factory() is not None:
            return self._loop.create_task(coroutine, context=context)
        if _EAGER:
            return _Task(coroutine, loop=self._loop, context=context, eager_start=True)
        return _Task(coroutine, loop=self._loop, context=context)

    def _on_done(self, task: asyncio.Task[Any]) -> None:
        number = self._tasks.pop(task)
        del self._numbers[number]
        self._finish(number, task)

    def _finish(self, number: int, task: Any) -> None:
        # Not result(), which would add this frame to the traceback, to be kept by it.
        self._ended(number, task._make_cancelled_error() if task.cancelled() else task.exception())

    def deliver(self) -> None:
        """Java has what tasks wait for."""
        for pending in self._deliveries():
            pending.wake()

    def cancel(self, number: int) -> None:
        """Ends a request's task, if it still runs."""
        task = self._numbers.get(number)
        if task is not None:
            task.cancel()

    async def cancel_all(self) -> None:
        """Ends the tasks of all requests, and waits for them."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)


async def _awaited(awaitable: Any) -> Any:
    return await awaitable


def two_as_three(application: Any) -> Callable[[Any, Any, Any], Any]:
    """An application of ASGI 2 as one of ASGI 3."""

    async def three(scope: Any, receive: Any, send: Any) -> None:
        await application(scope)(receive, send)

    return three


def place(file: Any, offset: int | None, count: int | None) -> list[int]:
    """The descriptor, offset and most bytes of a part of a file; what has no offset is read on."""
    descriptor = file.fileno()
    size = os.fstat(descriptor).st_size
    start = os.lseek(descriptor, 0, os.SEEK_CUR) if offset is None else offset
    most = max(0, size - start if count is None else min(count, size - start))
    if offset is None:
        os.lseek(descriptor, start + most, os.SEEK_SET)
    return [descriptor, start, most]


def reasons() -> dict[int, str]:
    """The reason of each status."""
    return {status.value: status.phrase for status in http.HTTPStatus}
