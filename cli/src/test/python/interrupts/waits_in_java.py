"""Wait in Java in the way that the first argument names, and say how it ended.

Prints "ready" before it waits, then what interrupted it, and waits once more. With a second
argument, SIGINT has a handler of the program's own, which does what the argument says.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType

import sluice.java

Future = sluice.java.type("java.util.concurrent.CompletableFuture")
Optional = sluice.java.type("java.util.Optional")
Queue = sluice.java.type("java.util.concurrent.LinkedBlockingQueue")
Semaphore = sluice.java.type("java.util.concurrent.Semaphore")
System = sluice.java.type("java.lang.System")
Thread = sluice.java.type("java.lang.Thread")
TimeUnit = sluice.java.type("java.util.concurrent.TimeUnit")


def nested() -> None:
    """Java calls Python, which calls Java."""
    Optional.of(1).map(lambda one: Thread.sleep(3600_000))


def comes_back() -> None:
    """Java that swallows the interrupt, but returns: a signal handler ends it."""
    Future().completeOnTimeout(1, 1, TimeUnit.SECONDS).join()


WAYS: dict[str, Callable[[], object]] = {
    "sleep": lambda: Thread.sleep(3600_000),
    "future": lambda: Future().get(),
    "queue": lambda: Queue().take(),
    "lock": lambda: Semaphore(0).acquire(),
    "nested": nested,
    "comes-back": comes_back,
    # These two no interrupt ends.
    "join": lambda: Future().join(),
    "input": lambda: getattr(System, "in").read(),
}


def own_handler(number: int, frame: FrameType | None) -> None:
    print("handler", flush=True)
    if sys.argv[2] == "raises":
        raise TimeoutError


def note_in_time() -> None:
    """Whatever is left of the interrupt would end this wait."""
    print("then", Semaphore(0).tryAcquire(100, TimeUnit.MILLISECONDS), flush=True)


if len(sys.argv) > 2:
    signal.signal(signal.SIGINT, own_handler)
wait = WAYS[sys.argv[1]]
for _ in range(2):
    try:
        print("ready", flush=True)
        wait()
    except BaseException as error:
        print("raised", type(error).__name__, type(error.__context__).__name__, flush=True)
    note_in_time()

# One that comes while Python runs is not for the next wait in Java.
try:
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(10)
except BaseException as error:
    print("raised", type(error).__name__, flush=True)
note_in_time()
