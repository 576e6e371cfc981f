"""Requests of WSGI as microthreads, on the loop's thread: the calls of applications.

Java has the connections, and never waits; where the application has to, its microthread does.
"""

import asyncio
import functools
import traceback
import weakref
from collections.abc import Callable
from typing import Any

from sluice import _micro_homes, microthread
from sluice._guard_policy import thread_ident

#: What respond() says: nothing was sent, all was, and besides that nothing is left to do.
_NOTHING, _SENT, _ENDED = 0, 1, 2
_FOR_CLIENT, _FOR_BODY = 0, 1

_services: "weakref.WeakSet[Service]" = weakref.WeakSet()


def idents() -> set[int]:
    """The numbers of the microthreads that are requests, as threading has them; any thread."""
    return {each.ident for service in _services for each in list(service._running.values())}


class Service:
    """Runs the requests of some applications."""

    def __init__(self, loop: asyncio.AbstractEventLoop, door: Any) -> None:
        """door are the functions of dev.sluice.server.wsgi.MicrothreadDoor, in its order."""
        self._loop = loop
        (
            self._take,
            self._deliveries,
            self._respond,
            self._send,
            self._poll,
            self._watch,
            self._end,
            self._close_failed,
            self._ended,
        ) = door
        _micro_homes._greenlet()
        #: The microthreads of requests, by the requests' numbers.
        self._running: dict[int, microthread.Microthread] = {}
        #: What they wait for of their clients.
        self._waits: dict[int, asyncio.Future[None]] = {}
        _services.add(self)

    # -- by the loop -------------------------------------------------------------------------------

    def begin(self) -> None:
        """Java has requests."""
        requests = self._take()
        requests.reverse()  # the first is popped first
        while requests:
            parts = requests.pop()
            number = parts[0]
            try:
                running = microthread.Microthread(
                    self._loop, self._answer, (parts,), {}, starts_soon=False
                )
                self._running[number] = running
                running.start()
            except BaseException as error:
                self._running.pop(number, None)
                self._ended(number, error)

    def deliver(self) -> None:
        """Java has what microthreads wait for."""
        for number in self._deliveries():
            waiting = self._waits.pop(number, None)
            if waiting is not None and not waiting.done():
                waiting.set_result(None)

    def cancel(self, number: int, why: str) -> str:
        """Ends a request's microthread where it waits; the stack that it had."""
        running = self._running.get(number)
        if running is None:
            return ""
        stack = "".join(
            line for frame in running.get_stack() for line in traceback.format_stack(frame, 1)
        )
        self._cancel(number, running, why)
        return stack.rstrip() or "(it has not begun)"

    def cancel_all(self, why: str) -> None:
        """Ends the microthreads of all requests where they wait."""
        for number, running in list(self._running.items()):
            self._cancel(number, running, why)

    def _cancel(self, number: int, running: microthread.Microthread, why: str) -> None:
        if running.cancel(why):
            # It may have no code of its own that says so: where it never begins.
            running.add_done_callback(functools.partial(self._has_ended, number))

    def _has_ended(self, number: int, running: microthread.Microthread) -> None:
        if self._running.get(number) is running:
            del self._running[number]
            self._ended(number, _error_of(running))

    # -- within a microthread ----------------------------------------------------------------------

    def _answer(self, parts: list[Any]) -> None:
        """Calls the application for one request, and sends what it returns."""
        start_response, environ, application = parts.pop(), parts.pop(), parts.pop()
        number: int = parts.pop()
        result: Any = None
        failure: BaseException | None = None
        try:
            result = application(environ, start_response)
            # Java uses the function again where nobody else has it.
            del environ, start_response
            done = self._respond(number, result)
            if done == _ENDED:
                del self._running[number]
                return
            if done == _NOTHING:
                # Others may change a list while this one waits.
                for piece in tuple(result) if type(result) is list else result:
                    self._send_all(number, piece)
                self._end(number)
        except BaseException as error:
            failure = _without_this_frame(error)
        try:
            close = getattr(result, "close", None)
            if close is not None:
                close()
        except BaseException as error:
            self._close_failed(number, _without_this_frame(error))
        self._running.pop(number, None)
        self._ended(number, failure)

    def _send_all(self, number: int, piece: Any) -> None:
        position = self._send(number, piece, 0)
        while position >= 0:
            self._wait(number, _FOR_CLIENT)
            position = self._send(number, piece, position)

    def _wait(self, number: int, what: int) -> None:
        waiting = self._waits[number] = self._loop.create_future()
        self._watch(number, what)
        try:
            microthread.wait(waiting)
        finally:
            if self._waits.get(number) is waiting:
                del self._waits[number]

    def _write(self, blocking: Callable[[Any], None], number: int, data: Any) -> None:
        """write() of PEP 3333."""
        if not self._is_here():
            blocking(data)
        else:
            self._send_all(number, data)

    def _receive(
        self, blocking: Callable[[int], bytes], number: int, reader: int, size: int
    ) -> bytes:
        """Some bytes of a body that is read while it arrives; none at its end."""
        if not self._is_here():
            return blocking(size)
        received: bytes | None = self._poll(reader, size)
        while received is None:
            self._wait(number, _FOR_BODY)
            received = self._poll(reader, size)
        return received

    def _is_here(self) -> bool:
        """Whether a microthread of the loop calls; another thread may block."""
        running = microthread.current()
        if running is not None and running.get_loop() is self._loop:
            return True
        if thread_ident() == getattr(self._loop, "_thread_id", None):
            raise RuntimeError("only the request's microthread can wait for its client here")
        return False

    # -- for Java ----------------------------------------------------------------------------------

    def writer(self, blocking: Any, number: int) -> Any:
        return functools.partial(self._write, blocking, number)

    def receiver(self, blocking: Any, number: int, reader: int) -> Any:
        return functools.partial(self._receive, blocking, number, reader)


def _error_of(running: microthread.Microthread) -> BaseException | None:
    try:
        return running.exception()
    except asyncio.CancelledError as error:
        return _without_this_frame(error)


def _without_this_frame(error: BaseException) -> BaseException:
    """The error as it left the application."""
    outer = error.__traceback__
    return error.with_traceback(None if outer is None else outer.tb_next)
