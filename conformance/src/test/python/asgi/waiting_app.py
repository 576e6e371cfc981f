"""Applications that give up what they wait for, wait beyond the end, or keep the loop busy."""

import asyncio
import contextvars
import socket
from collections.abc import Awaitable
from typing import Any

from plain import Receive, Scope, Send, answer, part, query, routes, start

USER: contextvars.ContextVar[str] = contextvars.ContextVar("user", default="nobody")

TASKS: dict[str, "asyncio.Task[str]"] = {}


async def patient(receive: Receive, seconds: float) -> Any:
    """The next message, asked for again and again."""
    while True:
        waiting = asyncio.ensure_future(receive())  # type: ignore[arg-type]
        done, _ = await asyncio.wait([waiting], timeout=seconds)
        if done:
            return waiting.result()
        waiting.cancel()


async def upload(_scope: Scope, receive: Receive, send: Send) -> None:
    """Counts the bytes of a body, which is asked for with a short limit."""
    length = 0
    more = True
    while more:
        message = await patient(receive, 0.001)
        assert message["type"] == "http.request", message
        length += len(message["body"])
        more = message["more_body"]
    await answer(send, str(length))


async def _listen(receive: Receive, after: float) -> str:
    await asyncio.sleep(after)
    while True:
        message = await receive()
        if message["type"].endswith(".disconnect"):
            return str(message["type"])


async def listens(scope: Scope, receive: Receive, send: Send) -> None:
    """Two listen: one waits already when the answer ends, one asks when all is over."""
    TASKS["early"] = asyncio.create_task(_listen(receive, 0))
    TASKS["late"] = asyncio.create_task(_listen(receive, 0.2))
    await asyncio.sleep(0.05)
    await answer(send, "listening")


async def heard(_scope: Scope, _receive: Receive, send: Send) -> None:
    """What they have heard."""
    told = [await asyncio.wait_for(TASKS.pop(name), 5) for name in ("early", "late")]
    await answer(send, " ".join(told))


async def cancels(_scope: Scope, _receive: Receive, send: Send) -> None:
    """A send that is cancelled before it has begun."""
    await start(send)
    sending = asyncio.ensure_future(  # type: ignore[call-overload]
        send({"type": "http.response.body", "body": b"never", "more_body": True})
    )
    sending.cancel()
    try:
        await sending
        told = "sent"
    except asyncio.CancelledError:
        told = "cancelled"
    await part(send, told.encode(), False)


def _block(scope: Scope) -> None:
    """Keeps the whole loop busy until the test closes its end."""
    with socket.create_connection(("127.0.0.1", int(query(scope, "gate")))) as gate:
        gate.sendall(b"busy\n")
        gate.recv(1)


async def streams(scope: Scope, _receive: Receive, send: Send) -> None:
    """Keeps the loop busy behind a piece of the answer."""
    await start(send)
    await part(send, b"first")
    _block(scope)
    await part(send, b"third", False)


async def works(scope: Scope, _receive: Receive, send: Send) -> None:
    """Keeps the loop busy behind the whole answer."""
    await answer(send, "answered")
    _block(scope)


async def denies(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Takes a request for a WebSocket."""
    await send({"type": "websocket.http.response.start", "status": 200, "headers": []})
    await send({"type": "websocket.http.response.body", "body": b"denied"})


async def method(scope: Scope, _receive: Receive, send: Send) -> None:
    await answer(send, str(len(scope["method"])))


async def _socket(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    if scope["path"] == "/progress":
        await send({"type": "websocket.send", "text": "working"})
        await send({"type": "websocket.send", "text": "still"})
        _block(scope)
        await send({"type": "websocket.send", "text": "done"})
        return
    if scope["path"] == "/leaves":
        TASKS["early"] = asyncio.create_task(_listen(receive, 0))
        TASKS["late"] = asyncio.create_task(_listen(receive, 0.2))
        await asyncio.sleep(0.05)
        return
    seen = 0
    while (message := await patient(receive, 0.001))["type"] == "websocket.receive":
        assert int(message["text"]) == seen, message
        seen += 1
        if seen % 500 == 0:
            await send({"type": "websocket.send", "text": str(seen)})


_http = routes(upload, listens, heard, cancels, streams, works, denies, method)


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await _socket(scope, receive, send)
    else:
        await _http(scope, receive, send)


async def _greet(send: Send, before: str) -> None:
    await answer(send, f"{before} {USER.get()}")


def middleware(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
    """No coroutine function, but something that returns a coroutine."""
    if scope["type"] == "lifespan":
        return _http(scope, receive, send)
    before = USER.get()
    if scope["query_string"]:
        USER.set(scope["query_string"].decode())
    return _greet(send, before)
