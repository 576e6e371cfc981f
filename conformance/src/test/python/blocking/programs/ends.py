"""Ends while threads wait for the loop: who is told what, and when."""

import asyncio
import atexit
import threading

import sluice


@sluice.wait_for(20)
async def add(one: int, other: int) -> int:
    await asyncio.sleep(0)
    return one + other


@sluice.run_in_loop
async def forever() -> None:
    try:
        await asyncio.get_running_loop().create_future()
    finally:
        await asyncio.sleep(0)
        print("the task has cleaned up")


def wait() -> None:
    try:
        result.wait()
    except sluice.LoopStopped:
        print("LoopStopped")


def work() -> None:
    threading.main_thread().join()
    print("after the main thread:", add(1, 2))


def registered_before() -> None:
    daemon.join(10)
    try:
        add(1, 2)
    except sluice.LoopStopped as error:
        print("registered before:", type(error).__name__)


atexit.register(registered_before)
sluice.setup()
atexit.register(lambda: print("registered after:", add(2, 2)))
result = forever()
daemon = threading.Thread(target=wait, daemon=True)
daemon.start()
threading.Thread(target=work).start()
print("main:", add(0, 0))
