"""Sleeps in asyncio.run until a signal comes: interrupted.py [catch | signal | loop | second]."""

import asyncio
import signal
import sys
from types import FrameType


async def sleeps() -> None:
    print("asleep", flush=True)
    try:
        await asyncio.sleep(100)
    except asyncio.CancelledError:
        print("cancelled", flush=True)
        raise
    finally:
        await asyncio.sleep(0.01)
        print("cleaned up", flush=True)


async def by_signal(how: str) -> None:
    """SIGTERM has a handler of Python's, or one of the loop's."""
    loop = asyncio.get_running_loop()
    came = asyncio.Event()

    def handler(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(came.set)

    if how == "signal":
        signal.signal(signal.SIGTERM, handler)
    else:
        loop.add_signal_handler(signal.SIGTERM, came.set)
    print("asleep", flush=True)
    await came.wait()
    print("came", flush=True)
    if how == "loop":
        loop.remove_signal_handler(signal.SIGTERM)


async def stubborn() -> None:
    """The first interrupt is ignored, the second is a KeyboardInterrupt wherever it comes."""
    for _ in range(2):
        try:
            print("asleep", flush=True)
            await asyncio.sleep(100)
        except asyncio.CancelledError:
            print("not yet", flush=True)


mode = sys.argv[1] if len(sys.argv) > 1 else ""
try:
    if mode in ("signal", "loop"):
        asyncio.run(by_signal(mode))
    elif mode == "second":
        asyncio.run(stubborn())
    else:
        asyncio.run(sleeps())
except KeyboardInterrupt:
    if mode not in ("catch", "second"):
        raise
    print("KeyboardInterrupt")
print("end")
