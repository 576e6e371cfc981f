"""Clients that keep the rules: each request is to be answered once, with its own answer."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections import Counter
from dataclasses import dataclass, field

from frames import Broken, Http2Connection
from pieces import PIECE, PIECES

_VIEWS = ["fast"] * 10 + ["stream"] * 3 + ["slow"] * 2 + ["file", "file", "static", "raise"]
_PATIENCE = 40
_MOST_UPLOAD = 400_000


@dataclass
class Tally:
    """What was sent, what came back, and what did not."""

    answered: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    generations: set[str] = field(default_factory=set)
    connections: int = 0
    most_connections: int = 0
    _numbers: int = 0

    def name(self) -> str:
        self._numbers += 1
        return f"r{self._numbers}"

    def answer(self, how: str) -> None:
        self.answered[how] += 1

    def lose(self, what: str) -> None:
        self.lost.append(what)

    def opened(self) -> None:
        self.connections += 1
        self.most_connections = max(self.most_connections, self.connections)

    def closed(self) -> None:
        self.connections -= 1


@dataclass(frozen=True)
class Wanted:
    """A request, and what its answer has to be."""

    name: str
    method: str
    path: str
    body: bytes
    status: int
    answer: bytes | None

    def is_answer(self, status: int, body: bytes) -> bool:
        return status == self.status and (self.answer is None or body == self.answer)


class Load:
    """The clients; each method is one of them, and runs until the time is over."""

    def __init__(self, port: int, file: bytes, tally: Tally, end: float) -> None:
        self._port = port
        self._file = file
        self._tally = tally
        self._end = end

    def _runs(self) -> bool:
        return asyncio.get_running_loop().time() < self._end

    async def _pause(self, most: float) -> None:
        await asyncio.sleep(random.uniform(0, most))

    def _wanted(self, view: str | None = None) -> Wanted:
        view = view or random.choice(_VIEWS)
        name = self._tally.name()
        path = f"/{view}?id={name}"
        body = b""
        answer: bytes | None = name.encode()
        if view == "static":
            path, answer = "/static/file.txt", self._file
        elif view == "file":
            answer = self._file
        elif view == "stream":
            answer = PIECE * PIECES + name.encode()
        elif view == "upload":
            body = random.randbytes(random.choice([10, 5000, 70_000, _MOST_UPLOAD]))
            answer = f"{name} {len(body)} {hashlib.sha256(body).hexdigest()}".encode()
        elif view in ("raise", "late"):
            answer = None
        status = {"raise": 500, "late": 504}.get(view, 200)
        return Wanted(name, "POST" if body else "GET", path, body, status, answer)

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        pair = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", self._port), _PATIENCE)
        self._tally.opened()
        return pair

    async def _close(self, writer: asyncio.StreamWriter) -> None:
        self._tally.closed()
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)

    async def kept(self) -> None:
        """Many requests on a connection, one after the other."""
        while self._runs():
            await self._serially("kept alive", random.randint(1, 100), 0.1)

    async def fresh(self) -> None:
        """A connection for each request."""
        while self._runs():
            await self._serially("fresh", 1, 0.1)

    async def late(self) -> None:
        """What takes too long is answered 504."""
        while self._runs():
            await self._serially("late", 1, 1, "late")

    async def uploads(self) -> None:
        while self._runs():
            await self._serially("upload", random.randint(1, 8), 0.5, "upload")

    async def _serially(self, how: str, count: int, pause: float, view: str | None = None) -> None:
        reader, writer = await self._open()
        try:
            for number in range(count):
                wanted = self._wanted(view)
                last = number == count - 1
                try:
                    await _send(writer, wanted, last)
                    answer = await asyncio.wait_for(_receive(reader), _PATIENCE)
                except (OSError, EOFError, TimeoutError, ValueError) as e:
                    self._tally.lose(f"{how}: {wanted.path}: {e!r}")
                    return
                if not self._check(how, wanted, *answer):
                    return
                await self._pause(pause)
            if await asyncio.wait_for(reader.read(1), _PATIENCE):
                self._tally.lose(f"{how}: bytes behind the last answer")
        except (OSError, TimeoutError) as e:
            self._tally.lose(f"{how}: the connection was not closed: {e!r}")
        finally:
            await self._close(writer)

    def _check(
        self, how: str, wanted: Wanted, status: int, headers: dict[str, str], body: bytes
    ) -> bool:
        if status == 504 and wanted.status != 504:
            self._tally.lose(f"{how}: {wanted.path} took too long")
            return False
        name = headers.get("x-id", wanted.name)
        if not wanted.is_answer(status, body) or name != wanted.name:
            self._tally.lose(f"{how}: {wanted.path} was answered {status} {name} {body[:60]!r}")
            return False
        if "x-generation" in headers:
            self._tally.generations.add(headers["x-generation"])
        self._tally.answer(how)
        return True

    async def pipelined(self) -> None:
        """Several requests before the first answer."""
        while self._runs():
            reader, writer = await self._open()
            try:
                batch = [self._wanted() for _ in range(random.randint(2, 12))]
                for wanted in batch:
                    await _send(writer, wanted, wanted is batch[-1])
                for wanted in batch:
                    try:
                        answer = await asyncio.wait_for(_receive(reader), _PATIENCE)
                    except (OSError, EOFError, TimeoutError, ValueError) as e:
                        self._tally.lose(f"pipelined: {wanted.path}: {e!r}")
                        break
                    self._check("pipelined", wanted, *answer)
            except OSError as e:
                self._tally.lose(f"pipelined: {e!r}")
            finally:
                await self._close(writer)
            await self._pause(0.3)

    async def http2(self) -> None:
        """Several requests at once on a connection of HTTP/2."""
        while self._runs():
            reader, writer = await self._open()
            connection = Http2Connection(reader, writer)
            try:
                for _ in range(random.randint(1, 20)):
                    views = [
                        random.choice([*_VIEWS, "upload"]) for _ in range(random.randint(1, 8))
                    ]
                    await asyncio.gather(*(self._stream(connection, view) for view in views))
                    await self._pause(0.3)
            finally:
                await connection.close()
                await self._close(writer)

    async def _stream(self, connection: Http2Connection, view: str) -> None:
        wanted = self._wanted(view)
        try:
            request = connection.request(wanted.method, wanted.path, wanted.body)
            body = await asyncio.wait_for(request, _PATIENCE)
        except (OSError, Broken, TimeoutError) as e:
            self._tally.lose(f"http2: {wanted.path}: {e!r}")
            return
        # (The status is in the headers, which are not read; each answer's body is its own.)
        if wanted.answer is not None and body != wanted.answer:
            self._tally.lose(f"http2: {wanted.path} was answered {body[:60]!r}")
        else:
            self._tally.answer("http2")


async def _send(writer: asyncio.StreamWriter, wanted: Wanted, last: bool) -> None:
    head = [f"{wanted.method} {wanted.path} HTTP/1.1", "Host: soak"]
    chunked = bool(wanted.body) and random.random() < 0.4
    if chunked:
        head.append("Transfer-Encoding: chunked")
    elif wanted.body:
        head.append(f"Content-Length: {len(wanted.body)}")
    if last:
        head.append("Connection: close")
    writer.write("\r\n".join([*head, "", ""]).encode())
    if chunked:
        for at in range(0, len(wanted.body), 9000):
            piece = wanted.body[at : at + 9000]
            writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            await writer.drain()
        writer.write(b"0\r\n\r\n")
    else:
        writer.write(wanted.body)
    await writer.drain()


async def _receive(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    status = int(lines[0].split(" ")[1])
    headers = {}
    for line in lines[1:-2]:
        name, _, value = line.partition(": ")
        headers[name.lower()] = value
    if "content-length" in headers:
        return status, headers, await reader.readexactly(int(headers["content-length"]))
    if headers.get("transfer-encoding") != "chunked":
        raise ValueError(f"an answer without an end: {lines}")
    body = bytearray()
    while True:
        size = int(await reader.readuntil(b"\r\n"), 16)
        piece = await reader.readexactly(size + 2)
        body += piece[:-2]
        if size == 0:
            return status, headers, bytes(body)
