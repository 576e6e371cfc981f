"""Prints whose loop asyncio makes."""

import asyncio


async def main() -> None:
    print(type(asyncio.get_running_loop()).__module__.split(".")[0])


asyncio.run(main())
