"""An executor whose threads are the interpreter's workers; any thread."""

import concurrent.futures
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from sluice import _loop_door

_T = TypeVar("_T")


class WorkerExecutor(concurrent.futures.Executor):
    """What run_in_executor and asyncio.to_thread use by default.

    The workers belong to the interpreter: 64 at a time, with deep stacks. Ending the executor waits
    for its own tasks, and ends no thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pending: set[concurrent.futures.Future[Any]] = set()
        self._ended = False

    def submit(
        self, fn: Callable[..., _T], /, *args: Any, **kwargs: Any
    ) -> concurrent.futures.Future[_T]:
        future: concurrent.futures.Future[_T] = concurrent.futures.Future()
        with self._lock:
            if self._ended:
                raise RuntimeError("cannot schedule new futures after shutdown")
            self._pending.add(future)

        def work() -> None:
            try:
                _run(future, fn, args, kwargs)
            finally:
                self._pending.discard(future)

        try:
            _loop_door.submit(work)
        except BaseException:
            self._pending.discard(future)
            raise
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        with self._lock:
            self._ended = True
            pending = list(self._pending)
        if cancel_futures:
            for future in pending:
                future.cancel()
        if wait:
            concurrent.futures.wait(pending)


def _run(
    future: concurrent.futures.Future[_T],
    function: Callable[..., _T],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = function(*args, **kwargs)
    except BaseException as error:
        future.set_exception(error)
    else:
        future.set_result(result)
