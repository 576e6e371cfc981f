"""Twisted's Deferreds, where Twisted is there; on the loop's thread.

It is never imported here: a Deferred can only come from a program that has imported it.
"""

import asyncio
import importlib
import sys
import types
from collections.abc import Callable, Generator
from typing import Any


def is_deferred(thing: Any) -> bool:
    """Whether that is a Deferred; its module is imported."""
    deferred: type = sys.modules["twisted.internet.defer"].Deferred
    return isinstance(thing, deferred)


def is_cancellation(error: BaseException) -> bool:
    """Whether that is what a Deferred fails with that is cancelled."""
    module = sys.modules.get("twisted.internet.defer")
    return module is not None and isinstance(error, module.CancelledError)


def says_cancelled(error: Any) -> bool:
    """Whether an error says in whatever words that something was cancelled, and no more."""
    if isinstance(error, asyncio.CancelledError) or is_cancellation(error):
        return True
    reasons = getattr(error, "reasons", None)  # the Failures that Twisted's web client has met
    return (
        isinstance(reasons, list)
        and bool(reasons)
        and all(says_cancelled(getattr(each, "value", None)) for each in reasons)
    )


def cancellation() -> BaseException:
    """What a Deferred fails with that is cancelled; Twisted is imported."""
    error: BaseException = sys.modules["twisted.internet.defer"].CancelledError()
    return error


def connect(
    deferred: Any, succeed: Callable[[Any], object], fail: Callable[[BaseException], object]
) -> None:
    """Has one or the other called with what the Deferred becomes, which is nobody else's then."""

    def succeeded(value: Any) -> None:
        succeed(value)

    def failed(failure: Any) -> None:
        error = failure.value
        if error.__traceback__ is None:
            error.__traceback__ = failure.getTracebackObject()
        error.__dict__.setdefault(_ORIGINAL, failure)
        fail(error)

    deferred.addCallbacks(succeeded, failed)


_ORIGINAL = "__sluice_twisted_failure__"


def original(error: BaseException) -> Any:
    """The Failure that an error was in when it came, or a new one; Twisted is imported."""
    kept = error.__dict__.get(_ORIGINAL)
    if kept is not None:
        return kept
    failure: Any = importlib.import_module("twisted.python.failure")
    return failure.Failure(error, type(error), error.__traceback__)


@types.coroutine
def awaited(coroutine: Any) -> Generator[Any, Any, Any]:
    """Runs a coroutine that may await Deferreds beside what asyncio knows."""
    give: Callable[[Any], Any] = coroutine.send
    what: Any = None
    try:
        while True:
            try:
                asked = give(what)
            except StopIteration as end:
                return end.value
            try:
                what = yield from _fired(asked) if is_deferred(asked) else _passed(asked)
                give = coroutine.send
            except GeneratorExit:
                raise
            except BaseException as error:
                give, what = coroutine.throw, error
    finally:
        coroutine.close()


def _passed(asked: Any) -> Generator[Any, Any, Any]:
    return (yield asked)


def _fired(deferred: Any) -> Generator[Any, Any, None]:
    """Waits until a Deferred has fired; what with is for the coroutine that awaits it."""
    future = asyncio.get_running_loop().create_future()

    def fired(result: Any) -> Any:
        if not future.done():
            future.set_result(None)
        return result

    deferred.addBoth(fired)
    try:
        yield from future
    except BaseException:
        deferred.addErrback(_nobody_cares)
        deferred.cancel()
        raise


def _nobody_cares(failure: Any) -> None:
    """The coroutine that awaited it was cancelled."""
