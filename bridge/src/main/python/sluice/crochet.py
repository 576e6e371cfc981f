"""Crochet's API on Sluice's loop, under Crochet's names.

    from sluice import crochet
    crochet.setup()

Twisted's reactor runs on the loop, in the loop's thread: coroutines may await Deferreds beside what
asyncio knows, and the reactor is Twisted's from setup() on. What differs from Crochet: tasks and
Deferreds that the end cancels give ReactorStopped; waits that could never end are refused; results
can be awaited and gathered; a thread of the reactor's own pool that waits is replaced meanwhile;
and the reactor goes on until the last thread has ended that is no daemon, as it may still need it,
where Crochet's stops with the main thread.
"""

import asyncio
import threading
import warnings
from collections.abc import Awaitable, Callable
from typing import Any, Generic, ParamSpec, TypeVar, overload

from sluice import _blocking_setup, _crochet_reactor, _deferreds
from sluice._blocking_calls import name_of
from sluice._blocking_decorators import _starting, _waiting, decorated, wait_for
from sluice._blocking_errors import LoopStopped, TimeoutError
from sluice._blocking_portal import Portal
from sluice._blocking_results import EventualResult as _EventualResult
from sluice._blocking_results import here, retrieve_result
from sluice._loop_default import new_event_loop

__all__ = [
    "DeferredResult",
    "EventualResult",
    "ReactorStopped",
    "TimeoutError",
    "__version__",
    "in_reactor",
    "no_setup",
    "retrieve_result",
    "run_in_reactor",
    "setup",
    "wait_for",
    "wait_for_reactor",
]

#: The version of Crochet whose API this is.
__version__ = "2.1.1"

ReactorStopped = LoopStopped

_P = ParamSpec("_P")
_T = TypeVar("_T")
_T_co = TypeVar("_T_co", covariant=True)

_lock = threading.Lock()


def setup() -> None:
    """Starts the loop as sluice.setup() does, if it does not run yet, and Twisted's reactor on it,
    unless no_setup() was called before; any thread, any number of times."""
    choice = _blocking_setup.choice
    if choice.is_programs:
        return
    with _lock:
        _crochet_reactor.import_twisted()
        portal = choice.portal
        _crochet_reactor.refuse_another(None if portal is None else portal.loop)
        _blocking_setup.setup()
        portal = choice.portal
        if portal is None or portal.room is not None:
            return
        _waiting(_run_reactor, None)(portal)


def _run_reactor(portal: Portal) -> None:
    _crochet_reactor.run(portal.loop)
    _crochet_reactor.log_to_logging()
    _crochet_reactor.make_room(portal, _crochet_reactor.installed())


def no_setup() -> None:
    """Says that the program runs Twisted's reactor itself; before that is imported, so that it is
    one on a loop of Sluice's, or when one on another loop of asyncio's kind is installed."""
    with _lock:
        reactor = _crochet_reactor.installed()
        if reactor is None:
            _crochet_reactor.import_twisted()
            loop = new_event_loop()
            asyncio.set_event_loop(loop)
            reactor = _crochet_reactor.install(loop)
        loop = _crochet_reactor.loop_of(reactor)
        _blocking_setup.no_setup(loop)
        portal = _blocking_setup.portal_of(loop)
        if portal.room is None:
            reactor.addSystemEventTrigger("after", "shutdown", portal.end)
            _crochet_reactor.make_room(portal, reactor)


class EventualResult(_EventualResult[_T_co], Generic[_T_co]):
    """As sluice.EventualResult; also of a Deferred that there is already."""

    __slots__ = ()

    def __init__(self, deferred: Any, _reactor: Any = None) -> None:
        portal = _blocking_setup.portal_for("an EventualResult")
        _EventualResult.__init__(self, portal, type(deferred))
        self.site = here()
        portal.accept(self)
        self.follow(deferred)
        if portal.stopped:
            portal.abandon(self)

    @classmethod
    def of_call(cls, portal: Portal, function: Any, args: Any, kwargs: Any, name: str) -> Any:
        """One of a function that the reactor is to call."""
        made = cls.__new__(cls)
        _EventualResult.__init__(made, portal, function, args, kwargs, name)
        return made

    def result(self) -> Any:
        """What has come out; what was cancelled raises Twisted's CancelledError."""
        if isinstance(self.failure, asyncio.CancelledError):
            raise _deferreds.cancellation() from None
        return super().result()

    def _cancellation(self, failure: asyncio.CancelledError) -> BaseException:
        return _deferreds.cancellation()

    def original_failure(self) -> Any:
        """Twisted's Failure, with the traceback of where it came from; None if there is none."""
        error = super().original_failure()
        return None if error is None else _deferreds.original(error)


DeferredResult = EventualResult


@overload
def run_in_reactor(
    function: Callable[_P, Awaitable[_T]], /
) -> Callable[_P, EventualResult[_T]]: ...


@overload
def run_in_reactor(function: Callable[_P, _T], /) -> Callable[_P, EventualResult[_T]]: ...


def run_in_reactor(function: Any, /) -> Any:
    """Decorates a function: whoever calls it, the reactor's thread runs it, and the caller gets an
    EventualResult at once."""
    return decorated(function, lambda plain: _starting(plain, EventualResult.of_call))


def in_reactor(function: Callable[..., Any]) -> Callable[..., Any]:
    """Deprecated, as in Crochet: the function gets the reactor before its other arguments."""
    warnings.warn(
        "@in_reactor is deprecated, use @run_in_reactor", DeprecationWarning, stacklevel=2
    )

    def with_reactor(*args: Any, **kwargs: Any) -> Any:
        return function(_crochet_reactor.installed(), *args, **kwargs)

    with_reactor.__qualname__ = name_of(function)
    starting: Callable[..., Any] = decorated(
        function, lambda _: _starting(with_reactor, EventualResult.of_call)
    )
    return starting


def wait_for_reactor(function: Callable[..., Any]) -> Callable[..., Any]:
    """Deprecated, as in Crochet: wait_for without a limit."""
    warnings.warn(
        "@wait_for_reactor is deprecated, use @wait_for instead", DeprecationWarning, stacklevel=2
    )
    waiting: Callable[..., Any] = decorated(function, lambda plain: _waiting(plain, None))
    return waiting
