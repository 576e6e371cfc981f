"""What the suites' bare ASGI applications have in common: types, routes, answers, gates.

At a gate (see gates.py beside the WSGI applications) an application tells the test where it is, and
may wait there: the test listens on the port that the query string names, and neither side sleeps.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def routes(*handlers: App) -> App:
    """An application whose paths are the handlers' names; /alive is always there."""
    by_path = {f"/{handler.__name__}": handler for handler in (*handlers, alive)}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
        else:
            await by_path[scope["path"]](scope, receive, send)

    return app


async def lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def alive(_scope: Scope, _receive: Receive, send: Send) -> None:
    await answer(send, "alive")


def query(scope: Scope, name: str, default: str = "") -> str:
    """One value of the query string."""
    return parse_qs(str(scope["query_string"], "ascii")).get(name, [default])[0]


async def answer(send: Send, text: str, status: int = 200) -> None:
    await start(send, status, length=len(text.encode()))
    await send({"type": "http.response.body", "body": text.encode()})


async def start(send: Send, status: int = 200, length: int | None = None) -> None:
    """The head of a text, with its length if it is known."""
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    if length is not None:
        headers.append((b"content-length", str(length).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def part(send: Send, body: bytes, more: bool = True) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": more})


async def whole_body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(body)


def say(scope: Scope, text: str) -> None:
    """Tell the test, and go on."""
    with socket.create_connection(("127.0.0.1", int(query(scope, "gate")))) as gate:
        gate.sendall(text.encode() + b"\n")


async def wait(scope: Scope, text: str) -> None:
    """Tell the test, and go on when it closes its end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(query(scope, "gate")))
    writer.write(text.encode() + b"\n")
    await reader.read()
    writer.close()
