"""What goes wrong between threads that wait and the loop that they wait for."""

import asyncio
import builtins
import concurrent.futures


class TimeoutError(builtins.TimeoutError):  # noqa: A001 (Crochet's name)
    """What was waited for was not there in time."""


class LoopStopped(Exception):
    """The loop has stopped, or is about to: what was asked for is not done, or not to its end."""


class Cancelled(concurrent.futures.CancelledError, asyncio.CancelledError):
    """A thread has waited for what was cancelled: an Exception there, as of concurrent.futures, and
    not only what asyncio has for its tasks."""


class NotSetUpError(RuntimeError):
    """Nobody has said yet which loop runs what threads wait for."""


class OwnThreadError(RuntimeError):
    """The thread that runs a loop was about to wait for that loop."""


class OtherLoopError(RuntimeError):
    """What belongs to one loop was used with another."""


class WaitCircleError(RuntimeError):
    """A wait was refused that would never have ended."""


def loop_stopped(what: str) -> LoopStopped:
    """The error for a call that the loop does not do any more."""
    return LoopStopped(
        f"sluice SL167: the loop that {what} was to run on has stopped, or is about to. Ask while"
        " it runs."
    )


def cancelled(failure: asyncio.CancelledError) -> Cancelled:
    """The error for a thread that waits for a task that has ended with that."""
    raised = Cancelled(*failure.args)
    raised.__cause__ = failure.__cause__
    return raised


def not_set_up(what: str) -> NotSetUpError:
    """The error for a call before there is a loop."""
    return NotSetUpError(
        f"sluice SL164: {what} needs a loop, and there is none yet. Call sluice.setup() before,"
        " which starts one; or sluice.no_setup(), if the program runs its own."
    )


def no_running_loop(what: str) -> NotSetUpError:
    """The error for a call where the program is to run the loop, and does not, or not visibly."""
    return NotSetUpError(
        f"sluice SL165: {what} needs the loop of the program, after sluice.no_setup(), and none is"
        " known: none has made such a call itself, or said no_setup() while it ran, nor does"
        " Python's main thread run one of Sluice's. Give it to sluice.no_setup(loop)."
    )


def chosen_before(message: str) -> RuntimeError:
    """The error for a second choice that contradicts the first."""
    return RuntimeError(f"sluice SL166: {message}")


def own_thread(what: str) -> OwnThreadError:
    """The error for a wait on the loop's own thread."""
    return OwnThreadError(
        f"sluice SL168: the thread that runs the loop was about to wait for {what}, which that very"
        " loop has to run: that would never end. Await it there, or call the function itself"
        " (function.wrapped_function)."
    )


def other_loop(message: str) -> OtherLoopError:
    """The error for what does not belong to the loop that it was used with."""
    return OtherLoopError(f"sluice SL169: {message}")


def other_reactor(message: str) -> RuntimeError:
    """The error where Twisted has a reactor that is not on our loop."""
    return RuntimeError(f"sluice SL170: {message}")


def wait_circle(circle: str) -> WaitCircleError:
    """The error for a wait that would close a circle, which is written out."""
    return WaitCircleError(
        f"sluice SL143: this wait would never end: {circle}. Do not wait there: await it, or have"
        " it told by a callback."
    )
