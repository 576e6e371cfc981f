"""Document 002's other case: what has bound sleep before the guard came is caught as well."""

import asyncio
import types
from time import sleep

import sluice.guard

# As threading did at the time: it imports time, and stores a local reference to sleep.
old_threading = types.ModuleType("old_threading")
exec("from time import sleep as _sleep\ndef wait(): _sleep(1)", vars(old_threading))

sluice.guard.install("raise")


async def main() -> None:
    for wait in (old_threading.wait, lambda: sleep(1)):
        try:
            wait()
        except sluice.guard.BlockingCallError as error:
            print(error.call, "was refused")


asyncio.run(main())
