"""Wait in the way that the argument names, and say how it ended.

Prints "ready" before it waits, then what interrupted it, and waits once more.
"""

import asyncio
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType


def blocked_lock() -> None:
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


def empty_pipe() -> None:
    os.read(os.pipe()[0], 1)


def event_loop() -> None:
    asyncio.run(asyncio.sleep(3600))


def after_event_loop() -> None:
    async def handles_signals() -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGUSR1, print)
        loop.remove_signal_handler(signal.SIGUSR1)

    asyncio.run(handles_signals())
    time.sleep(3600)


def child() -> None:
    # It ends with its input, so with us, wherever the interrupt comes.
    subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL).wait()


def busy() -> None:
    while True:
        pass


WAYS: dict[str, Callable[[], object]] = {
    "sleep": lambda: time.sleep(3600),
    "input": input,
    "lock": blocked_lock,
    "pipe": empty_pipe,
    "select": lambda: select.select([], [], []),
    "thread": lambda: threading.Event().wait(),
    "loop": event_loop,
    "after-loop": after_event_loop,
    "child": child,
    "busy": busy,
}


def own_handler(number: int, frame: FrameType | None) -> None:
    raise TimeoutError(signal.Signals(number).name)


signal.signal(signal.SIGALRM, own_handler)
wait = WAYS[sys.argv[1]]
for _ in range(2):
    try:
        print("ready", flush=True)
        wait()
    except (KeyboardInterrupt, TimeoutError) as error:
        print(type(error).__name__, error, flush=True)
