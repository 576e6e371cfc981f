"""Spawns a microthread, or says why it cannot."""

import asyncio
import os
import sys

from sluice import microthread

if os.environ.get("WITHOUT_GREENLET"):
    sys.modules["greenlet"] = None  # type: ignore[assignment]


async def main() -> None:
    try:
        await microthread.spawn(print, "spawned")
    except RuntimeError as error:
        print(error)


asyncio.run(main())
