"""Its loop stands still for a while, in Python code that computes."""

import asyncio
import time


async def main():
    end = time.monotonic() + 0.6
    while time.monotonic() < end:
        pass
    await asyncio.sleep(0)


asyncio.run(main())
print("over")
