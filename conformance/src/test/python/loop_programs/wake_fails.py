"""The descriptor that the loop is woken by is closed under it: whoever wakes it must hear of it."""

import asyncio
import contextlib
import os
import threading
import time


def eventfds() -> set[int]:
    found = set()
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            if os.readlink(f"/proc/self/fd/{name}") == "anon_inode:[eventfd]":
                found.add(int(name))
    return found


def wake(loop: asyncio.AbstractEventLoop, ran: list[int]) -> None:
    time.sleep(0.2)
    for descriptor in eventfds() - before:
        os.close(descriptor)
    for turn in range(3):
        try:
            loop.call_soon_threadsafe(ran.append, turn)
        except RuntimeError as error:
            print("refused:", error, flush=True)


async def main() -> None:
    ran: list[int] = []
    thread = threading.Thread(target=wake, args=(asyncio.get_running_loop(), ran))
    thread.start()
    await asyncio.sleep(1)
    thread.join()
    print("ran", ran, flush=True)


before = eventfds()
asyncio.run(main())
os._exit(0)
