"""A program whose loop blocks in the way that each line of its input names."""

import asyncio
import sys
import time

import sluice.guard
import sluice.java


def naps():
    time.sleep(0.02)


def clicked():
    time.sleep(0.02)


def keyed():
    time.sleep(0.02)


def short():
    time.sleep(0.001)


def held():
    time.sleep(0.5)


def behind():
    time.sleep(0.5)


def relayed():
    sluice.java.type("Relay").pass_(behind)


def java_nap():
    sluice.java.type("Relay").nap(30)


COMMANDS = {each.__name__: each for each in (naps, clicked, keyed, short, held, relayed, java_nap)}


async def main():
    with sluice.guard.allow("select.poll"):
        pass
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    print("ready", flush=True)
    while line := (await reader.readline()).decode().strip():
        COMMANDS[line]()
        print(f"done {line}", flush=True)
        await asyncio.sleep(0)


asyncio.run(main())
