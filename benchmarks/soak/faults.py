"""Clients that break the rules, each in its own way; the server has to be rid of them in time."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from typing import TYPE_CHECKING

from frames import HEADERS, PREFACE

if TYPE_CHECKING:
    from clients import Tally
    from watched import Watched

# All limits of time of the server are well below.
_PATIENCE = 25
_RELOAD_EVERY = 6
_MALFORMED = [
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.1\nHost: a\n\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\n folded: b\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00",
    b"\x00" * 100,
    PREFACE + b"\xff" * 200,
    PREFACE + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0]) + bytes([0, 0, 1, HEADERS, 5, 0, 0, 0, 1, 0xFF]),
]


class Faults:
    """Each method is one such client, and runs until the time is over."""

    def __init__(self, watched: Watched, tally: Tally, end: float) -> None:
        self._watched = watched
        self._tally = tally
        self._end = end

    def _runs(self) -> bool:
        return asyncio.get_running_loop().time() < self._end

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        pair = await asyncio.wait_for(
            asyncio.open_connection("127.0.0.1", self._watched.port, limit=4096), _PATIENCE
        )
        self._tally.opened()
        return pair

    async def _end_of(self, what: str, reader: asyncio.StreamReader) -> None:
        """The server has to end the connection by itself."""
        try:
            async with asyncio.timeout(_PATIENCE):
                while await reader.read(65536):
                    pass
        except TimeoutError:
            self._tally.lose(f"{what}: the connection was never closed")
        except OSError:
            pass
        self._tally.faults[what] += 1

    def _close(self, writer: asyncio.StreamWriter) -> None:
        self._tally.closed()
        writer.close()

    def _kill(self, writer: asyncio.StreamWriter) -> None:
        """A reset instead of an end."""
        kept: socket.socket = writer.get_extra_info("socket")
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._tally.closed()
        writer.transport.abort()

    async def killed(self) -> None:
        """A client that is gone in the middle of its request, or of the answer."""
        while self._runs():
            _, writer = await self._open()
            view = random.choice(["stream", "large", "slow", "fast", "late-upload"])
            if view == "late-upload":
                writer.write(
                    b"POST /upload?id=k HTTP/1.1\r\nHost: a\r\nContent-Length: 90000\r\n\r\n"
                )
                writer.write(b"x" * random.randint(0, 80_000))
            else:
                writer.write(f"GET /{view}?id=k HTTP/1.1\r\nHost: a\r\n\r\n".encode())
            await asyncio.sleep(random.uniform(0, 0.15))
            self._kill(writer)
            self._tally.faults["killed"] += 1
            await asyncio.sleep(random.uniform(0, 0.4))

    async def slow_reader(self) -> None:
        """It takes a large answer in small pieces, then is gone, or takes nothing any more."""
        while self._runs():
            reader, writer = await self._open()
            writer.write(b"GET /large?id=s HTTP/1.1\r\nHost: a\r\n\r\n")
            for _ in range(random.randint(1, 40)):
                try:
                    if not await asyncio.wait_for(reader.read(8192), _PATIENCE):
                        break
                except (OSError, TimeoutError):
                    break
                await asyncio.sleep(0.1)
            if random.random() < 0.3:
                await asyncio.sleep(10)  # longer than --timeout-send
            self._kill(writer)
            self._tally.faults["slow reader"] += 1

    async def slow_sender(self) -> None:
        """Heads and bodies that come byte by byte, and stop."""
        while self._runs():
            reader, writer = await self._open()
            text = (
                b"POST /upload?id=s HTTP/1.1\r\nHost: a\r\nContent-Length: 60\r\n\r\n" + b"x" * 30
            )
            stop = random.randint(1, len(text))
            try:
                for byte in text[:stop]:
                    writer.write(bytes([byte]))
                    await asyncio.sleep(0.02)
            except OSError:
                pass
            await self._end_of("slow sender", reader)
            self._close(writer)

    async def half_open(self) -> None:
        """It connects and says nothing, or closes its side in the middle of a request."""
        while self._runs():
            reader, writer = await self._open()
            text = random.choice(
                [b"", b"GET / HT", PREFACE[:12], PREFACE, b"GET /fast?id=h HTTP/1.1\r\n"]
            )
            writer.write(text)
            if text and random.random() < 0.5:
                writer.write_eof()
            await self._end_of("half-open", reader)
            self._close(writer)

    async def malformed(self) -> None:
        while self._runs():
            reader, writer = await self._open()
            writer.write(random.choice(_MALFORMED))
            await self._end_of("malformed", reader)
            self._close(writer)
            await asyncio.sleep(random.uniform(0, 0.5))

    async def reloads(self) -> None:
        """The application's sources change."""
        number = 0
        while self._runs():
            await asyncio.sleep(_RELOAD_EVERY)
            number += 1
            self._watched.change_source(number)
            self._tally.faults["source changed"] += 1
