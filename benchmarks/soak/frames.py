"""A client of HTTP/2 over cleartext with prior knowledge, as far as the soak needs one.

It reads no header fields: what an answer is, its body tells.
"""

from __future__ import annotations

import asyncio
import struct
from dataclasses import dataclass, field

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
END_STREAM, ACK, END_HEADERS = 1, 1, 4
_WINDOW = 1 << 20
_LARGEST_FRAME = 16384


class Broken(Exception):
    """The connection or a stream ended before the answer did."""


@dataclass
class _Stream:
    body: bytearray = field(default_factory=bytearray)
    done: asyncio.Future[bytes] = field(default_factory=asyncio.Future)
    window: int = 65535


class Http2Connection:
    """Many requests at once on one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._streams: dict[int, _Stream] = {}
        self._next = 1
        self._window = 65535
        self._initial = 65535
        self._room = asyncio.Event()
        self._settings = asyncio.Event()
        settings = struct.pack(">HI", 4, _WINDOW)
        writer.write(PREFACE + _frame(SETTINGS, 0, 0, settings))
        writer.write(_frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", _WINDOW)))
        self._reading = asyncio.ensure_future(self._read())

    async def request(self, method: str, path: str, body: bytes = b"") -> bytes:
        """The answer's body, once its end was sent."""
        await asyncio.wait_for(self._settings.wait(), 20)
        if self._reading.done():
            raise Broken("the connection has ended")
        number = self._next
        self._next += 2
        stream = _Stream(window=self._initial)
        self._streams[number] = stream
        fields = {":method": method, ":scheme": "http", ":authority": "soak", ":path": path}
        # HPACK without tables and Huffman.
        block = b"".join(b"\0" + _literal(name) + _literal(text) for name, text in fields.items())
        flags = END_HEADERS | (0 if body else END_STREAM)
        self._writer.write(_frame(HEADERS, flags, number, block))
        await self._send(number, stream, body)
        try:
            return await stream.done
        finally:
            self._streams.pop(number, None)

    async def _send(self, number: int, stream: _Stream, body: bytes) -> None:
        at = 0
        while at < len(body) and not stream.done.done():
            size = min(len(body) - at, stream.window, self._window, _LARGEST_FRAME)
            if size <= 0:
                self._room.clear()
                await self._room.wait()
                continue
            stream.window -= size
            self._window -= size
            at += size
            flags = END_STREAM if at == len(body) else 0
            self._writer.write(_frame(DATA, flags, number, body[at - size : at]))
            await self._writer.drain()

    async def _read(self) -> None:
        why = "the connection has ended"
        try:
            while True:
                head = await self._reader.readexactly(9)
                length = int.from_bytes(head[:3])
                payload = await self._reader.readexactly(length)
                self._take(head[3], head[4], int.from_bytes(head[5:]), payload)
        except (OSError, EOFError) as e:
            why = f"{why}: {e}"
        finally:
            self._settings.set()
            self._room.set()
            for stream in self._streams.values():
                if not stream.done.done():
                    stream.done.set_exception(Broken(why))

    def _take(self, kind: int, flags: int, number: int, payload: bytes) -> None:
        stream = self._streams.get(number)
        if kind == SETTINGS and not flags & ACK:
            for key, value in struct.iter_unpack(">HI", payload):
                if key == 4:
                    self._initial = value
            self._writer.write(_frame(SETTINGS, ACK, 0))
            self._settings.set()
        elif kind == PING and not flags & ACK:
            self._writer.write(_frame(PING, ACK, 0, payload))
        elif kind == WINDOW_UPDATE:
            (more,) = struct.unpack(">I", payload)
            if number == 0:
                self._window += more
            elif stream is not None:
                stream.window += more
            self._room.set()
        elif kind == RST_STREAM and stream is not None and not stream.done.done():
            stream.done.set_exception(Broken(f"reset with {int.from_bytes(payload)}"))
            self._room.set()
        elif kind in (DATA, HEADERS) and stream is not None:
            if kind == DATA:
                stream.body += payload
                if payload:
                    update = struct.pack(">I", len(payload))
                    self._writer.write(_frame(WINDOW_UPDATE, 0, 0, update))
                    self._writer.write(_frame(WINDOW_UPDATE, 0, number, update))
            if flags & END_STREAM and not stream.done.done():
                stream.done.set_result(bytes(stream.body))

    async def close(self) -> None:
        self._writer.close()
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)


def _frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return len(payload).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4) + payload


def _literal(text: str) -> bytes:
    data = text.encode()
    return bytes([len(data)]) + data
