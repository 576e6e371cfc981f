"""A thread sets an asyncio.Event that the loop waits for: set_elsewhere.py safe|unsafe.

Under python the unsafe way hangs for ever, because nobody wakes the loop.
"""

import asyncio
import sys
import threading
import time


def work(loop: asyncio.AbstractEventLoop, event: asyncio.Event, safe: bool) -> None:
    """Sets the event a while later; on a thread of its own."""
    time.sleep(0.3)
    print("setting", flush=True)
    if safe:
        loop.call_soon_threadsafe(event.set)
    else:
        event.set()


async def main(safe: bool) -> None:
    event = asyncio.Event()
    worker = threading.Thread(
        target=work, args=(asyncio.get_running_loop(), event, safe), name="worker"
    )
    worker.start()
    await asyncio.wait([asyncio.ensure_future(event.wait())])
    print("set")


asyncio.run(main(sys.argv[1] == "safe"))
print("program exit")
