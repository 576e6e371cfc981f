"""Stops its loop for a moment."""

import asyncio
import time


async def main() -> None:
    time.sleep(0.01)
    print("slept")


asyncio.run(main())
