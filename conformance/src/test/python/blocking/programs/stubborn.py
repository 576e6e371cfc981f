"""Ends while a call refuses to: who waits for it is told nevertheless."""

import asyncio
import atexit

import sluice


@sluice.run_in_loop
async def stubborn() -> None:
    while True:
        try:
            await asyncio.sleep(100)
        except asyncio.CancelledError:
            print("not yet")


def wait() -> None:
    try:
        result.wait()
    except sluice.LoopStopped as error:
        print(error)


atexit.register(wait)
sluice.setup()
result = stubborn()
print("main is over")
