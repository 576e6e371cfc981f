"""What an application learns of a client that goes away."""

import asyncio
import contextlib

from plain import Receive, Scope, Send, answer, part, query, routes, say, start, wait, whole_body

COUNT = {"running": 0}


async def waits(scope: Scope, receive: Receive, send: Send) -> None:
    """Does nothing but wait for the client's end; says what comes, and what comes after that."""
    await whole_body(receive)
    say(scope, "in")
    say(scope, (await receive())["type"])
    say(scope, (await receive())["type"])
    await answer(send, "too late")


async def waits_midway(scope: Scope, receive: Receive, send: Send) -> None:
    """The same in the middle of an answer."""
    await whole_body(receive)
    await start(send)
    await part(send, b"begun")
    say(scope, "in")
    say(scope, (await receive())["type"])


async def looks_late(scope: Scope, receive: Receive, _send: Send) -> None:
    """The client has gone before the first look."""
    await wait(scope, "in")
    types = []
    while "http.disconnect" not in types:
        types.append((await receive())["type"])
    say(scope, " ".join(types))


async def reads(scope: Scope, receive: Receive, _send: Send) -> None:
    """A body that does not come to its end."""
    await receive()
    say(scope, "in")
    message = await receive()
    while message["type"] == "http.request" and message["more_body"]:
        message = await receive()
    say(scope, message["type"])


async def sends(scope: Scope, receive: Receive, send: Send) -> None:
    """Sends to a client that has gone; says what the calls raise."""
    await whole_body(receive)
    say(scope, "in")
    await receive()
    raised = []
    for message in (
        {"type": "http.response.start", "status": 200, "headers": []},
        {"type": "http.response.body", "body": b"x", "more_body": True},
        {"type": "http.response.body", "body": b"x"},
    ):
        try:
            await send(message)
            raised.append("nothing")
        except Exception as exception:
            raised.append("OSError" if isinstance(exception, OSError) else repr(exception))
    say(scope, f"{scope['asgi']['spec_version']} {' '.join(raised)}")


async def streams(scope: Scope, _receive: Receive, send: Send) -> None:
    """Never looks; sends without an end, or until a send raises."""
    await start(send)
    say(scope, "in")
    try:
        for _ in range(20_000):
            await part(send, b"x" * 10_000)
        await part(send, b"", more=False)
    finally:
        say(scope, "ended")


async def held(scope: Scope, _receive: Receive, send: Send) -> None:
    """Is inside a send that does not come back while the client does not read."""
    await start(send)
    sent = 0
    while True:
        sending = asyncio.ensure_future(part(send, b"x" * 65536))
        done, _ = await asyncio.wait([sending], timeout=1)
        if not done:
            break
        sent += 1
    say(scope, "held")
    with contextlib.suppress(OSError):
        await sending
    say(scope, "let go")


async def completes(scope: Scope, receive: Receive, send: Send) -> None:
    """Receives when its answer is complete."""
    await whole_body(receive)
    await answer(send, "whole")
    say(scope, (await receive())["type"])
    say(scope, (await receive())["type"])


async def listens(scope: Scope, receive: Receive, send: Send) -> None:
    """A task listens while another one answers, as frameworks do."""
    await whole_body(receive)

    async def listen() -> None:
        message = await receive()
        say(scope, message["type"])

    listening = asyncio.create_task(listen())
    await start(send)
    await part(send, b"one ")
    await wait(scope, "midway")
    await part(send, b"two", more=False)
    await listening


async def cancels(scope: Scope, receive: Receive, send: Send) -> None:
    """Gives up a receive() that waits, and asks again."""
    await whole_body(receive)
    for _ in range(3):
        waiting = asyncio.ensure_future(receive())
        done, _pending = await asyncio.wait([waiting], timeout=0.01)
        assert not done, waiting.result()
        waiting.cancel()
    say(scope, "in")
    say(scope, (await receive())["type"])


async def is_cancelled(scope: Scope, receive: Receive, send: Send) -> None:
    """Listens to nobody."""
    await whole_body(receive)
    say(scope, "in")
    try:
        await asyncio.sleep(20)
    except asyncio.CancelledError:
        say(scope, "cancelled")
        raise
    say(scope, "slept")


async def counted(scope: Scope, receive: Receive, send: Send) -> None:
    """How many of these are still running."""
    if query(scope, "ask"):
        await answer(send, f"{COUNT['running']}")
        return
    await whole_body(receive)
    COUNT["running"] += 1
    say(scope, "in")
    await receive()
    COUNT["running"] -= 1
    say(scope, "out")


app = routes(
    waits,
    waits_midway,
    looks_late,
    reads,
    sends,
    streams,
    held,
    completes,
    listens,
    cancels,
    is_cancelled,
    counted,
)
