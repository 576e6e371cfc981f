"""Loops that Java runs, and the calls that it makes on them; on the loop's thread."""

import asyncio
import contextvars
from asyncio.log import logger
from collections.abc import Callable, Sequence
from typing import Any

from sluice import _loop_door
from sluice._java_stages import calls
from sluice._loop import Loop
from sluice._wrong_thread import Policy, Repairs, error


class JavaLoop(Loop):
    """A loop that many use who do not know each other: a use on a wrong thread is the error of who
    did it, and is logged, but the run goes on."""

    def __init__(self, wrong_thread: Policy, door: Any) -> None:
        super().__init__(wrong_thread, door)
        self._mistakes = Repairs(logger.error)
        #: Whether it is to run no more, other than to end what is left on it.
        self.ending = False
        #: Has it end, if that takes more than `stop` does.
        self.end_by_itself: Callable[[], object] | None = None

    def _refuse(self, what: str, owner: int, stranded: asyncio.Handle | None) -> None:
        if stranded is None:
            failure = error(what, owner)
            logger.error(str(failure))
            raise failure
        # An error raised here would come out of Future.set_result or Event.set before the others
        # who wait there are told; and unlike in a run that ends, they would wait for ever.
        self._mistakes.note(what, owner)
        self._hand_over(stranded)


def new_loop(wrong_thread: Policy, door: Any) -> JavaLoop:
    """A loop that Java reaches by the functions that it has made for it."""
    return JavaLoop(wrong_thread, door)


def stop(loop: JavaLoop) -> None:
    """Has the loop end; once, since a second time would cut short how it ends."""
    if not loop.ending:
        loop.ending = True
        loop.stop()


def run(loop: JavaLoop) -> None:
    """Runs a loop until it is stopped, then ends what is left on it."""
    asyncio.set_event_loop(loop)
    try:
        while not _has_run(loop) and not loop.ending:
            pass
    finally:
        try:
            _cancel_all(loop)
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.run_until_complete(loop.shutdown_default_executor())
        finally:
            asyncio.set_event_loop(None)
            loop.close()


def _has_run(loop: JavaLoop) -> bool:
    try:
        loop.run_forever()
    except (SystemExit, KeyboardInterrupt) as raised:
        # They end programs; this one is Java's, and whoever waits for the call is told.
        logger.error("a call on the loop raised %r; the loop goes on", raised)
        return False
    return True


def _cancel_all(loop: JavaLoop) -> None:
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    for task in tasks:
        if not task.cancelled() and task.exception() is not None:
            loop.call_exception_handler(
                {
                    "message": "unhandled exception while the loop ended",
                    "exception": task.exception(),
                    "task": task,
                }
            )


def start(
    number: int,
    function: Callable[..., Any],
    arguments: Sequence[Any],
    context: contextvars.Context | None,
) -> None:
    """Calls a function for Java, and awaits what it returns if that can be awaited."""
    if context is None:
        context = contextvars.Context()
    try:
        result = context.run(function, *arguments)
        if not (asyncio.iscoroutine(result) or hasattr(type(result), "__await__")):
            _loop_door.tell(number, "result", result)
            return
        task = asyncio.get_running_loop().create_task(_awaited(result), context=context)
    except BaseException as raised:
        _loop_door.tell(number, "error", raised)
        if isinstance(raised, (SystemExit, KeyboardInterrupt)):
            raise
        return
    calls[task] = number
    if not _loop_door.tell(number, "task", task):
        task.cancel()  # whoever called has given up before there was a task
    task.add_done_callback(lambda done: _tell_end(number, done))


async def _awaited(awaitable: Any) -> Any:
    return await awaitable


def _tell_end(number: int, task: asyncio.Task[Any]) -> None:
    calls.pop(task, None)
    if task.cancelled():
        _loop_door.tell(number, "cancelled", None)
        return
    raised = task.exception()
    if raised is None:
        _loop_door.tell(number, "result", task.result())
    else:
        _loop_door.tell(number, "error", raised)
