"""Reads lines from standard input, a pipe, on the loop."""

import asyncio
import sys


async def main() -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    print("reading", flush=True)
    while line := await reader.readline():
        print("line", line.decode().rstrip(), flush=True)
    print("end of input")


asyncio.run(main())
