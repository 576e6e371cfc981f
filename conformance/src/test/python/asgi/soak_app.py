"""What clients that break off leave behind: it counts the calls that have not ended."""

import asyncio
import contextlib

from plain import App, Receive, Scope, Send, answer, part, routes, start, whole_body
from websocket_app import accept, echo

OPEN: set[object] = set()


def counted(handler: App) -> App:
    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        mark = object()
        OPEN.add(mark)
        try:
            await handler(scope, receive, send)
        finally:
            OPEN.discard(mark)

    call.__name__ = handler.__name__
    return call


async def ticks(_scope: Scope, receive: Receive, send: Send) -> None:
    """One task sends, and another one receives."""
    await accept(receive, send)

    async def tick() -> None:
        with contextlib.suppress(OSError):
            while True:
                await send({"type": "websocket.send", "text": "tick"})
                await asyncio.sleep(0.001)

    ticking = asyncio.create_task(tick())
    while (await receive())["type"] == "websocket.receive":
        pass
    ticking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await ticking


async def floods(_scope: Scope, receive: Receive, send: Send) -> None:
    """Sends until nobody is there; the client may well not read."""
    await accept(receive, send)
    while True:
        await send({"type": "websocket.send", "bytes": b"x" * 65536})


async def leaves(_scope: Scope, receive: Receive, send: Send) -> None:
    """Returns after the first message."""
    await accept(receive, send)
    await receive()


async def reads(_scope: Scope, receive: Receive, send: Send) -> None:
    body = await whole_body(receive)
    await answer(send, str(len(body)))


async def streams(_scope: Scope, _receive: Receive, send: Send) -> None:
    await start(send)
    for _ in range(64):
        await part(send, b"x" * 65536)
    await part(send, b"", more=False)


async def waits(_scope: Scope, receive: Receive, _send: Send) -> None:
    """Until the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def left(_scope: Scope, _receive: Receive, send: Send) -> None:
    """How many calls have not ended, and tasks beside this one's."""
    await answer(send, f"{len(OPEN)} calls, {len(asyncio.all_tasks()) - 1} tasks")


app = routes(*map(counted, (echo, ticks, floods, leaves, reads, streams, waits)), left)
