"""Spawns a microthread, or says why it cannot."""

import asyncio

from sluice import microthread


async def main() -> None:
    try:
        await microthread.spawn(print, "spawned")
    except RuntimeError as error:
        print(error)


asyncio.run(main())
