"""Applications with every kind of lifespan; what they note is in the file LIFESPAN_FILE."""

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from plain import App, Receive, Scope, Send, answer, routes, wait

Lifespan = Callable[[Scope, Receive, Send], Awaitable[None]]


def note(text: str) -> None:
    with Path(os.environ["LIFESPAN_FILE"]).open("a") as file:
        file.write(text + "\n")


async def state(scope: Scope, _receive: Receive, send: Send) -> None:
    """What startup has left; a request's own additions stay its own."""
    shared = scope["state"]
    shared["visits"].append("visit")
    seen = "mine" in shared
    shared["mine"] = True
    here = asyncio.get_running_loop() is shared["loop"]
    await answer(send, f"{shared['name']} {len(shared['visits'])} {seen} {here}")


async def busy(scope: Scope, _receive: Receive, send: Send) -> None:
    await wait(scope, "in")
    note("request done")
    await answer(send, "through the gate")


async def ticks(scope: Scope, _receive: Receive, send: Send) -> None:
    """A task that startup has begun is running."""
    before = scope["state"]["ticks"][0]
    while scope["state"]["ticks"][0] == before:
        await asyncio.sleep(0.01)
    await answer(send, "ticking")


async def behind(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Works on behind its answer."""
    await answer(send, "answered")
    await asyncio.sleep(0.4)
    note("work done")


HTTP = routes(state, busy, ticks, behind)


def with_lifespan(lifespan: Lifespan) -> App:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await lifespan(scope, receive, send)
        else:
            await HTTP(scope, receive, send)

    return app


async def _whole(scope: Scope, receive: Receive, send: Send) -> None:
    version = scope["asgi"]["version"]
    note(f"scope {scope['type']} {version} {sorted(scope)}")
    note((await receive())["type"])
    ticks = [0]
    scope["state"].update(name="started", visits=[], ticks=ticks, loop=asyncio.get_running_loop())

    async def tick() -> None:
        while True:
            await asyncio.sleep(0.01)
            ticks[0] += 1

    ticking = asyncio.create_task(tick())
    await asyncio.sleep(0.1)
    note("startup done")
    await send({"type": "lifespan.startup.complete"})
    note((await receive())["type"])
    ticking.cancel()
    await asyncio.sleep(0.1)
    note("shutdown done")
    await send({"type": "lifespan.shutdown.complete"})


async def _raises(scope: Scope, _receive: Receive, _send: Send) -> None:
    raise AssertionError(f"only http is spoken here, not {scope['type']}")


async def _raises_in_startup(_scope: Scope, receive: Receive, _send: Send) -> None:
    await receive()
    raise RuntimeError("startup is not for me")


async def _returns(_scope: Scope, _receive: Receive, _send: Send) -> None:
    return


async def _fails_to_start(_scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "the database is asleep"})


async def _fails_to_stop(_scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.failed", "message": "the database does not let go"})


async def _raises_in_shutdown(_scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    raise RuntimeError("the end is not for me")


async def _never_stops(_scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await asyncio.sleep(3600)


async def _ends_after_startup(_scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})


whole = with_lifespan(_whole)
raises = with_lifespan(_raises)
raises_in_startup = with_lifespan(_raises_in_startup)
returns = with_lifespan(_returns)
fails_to_start = with_lifespan(_fails_to_start)
fails_to_stop = with_lifespan(_fails_to_stop)
raises_in_shutdown = with_lifespan(_raises_in_shutdown)
never_stops = with_lifespan(_never_stops)
ends_after_startup = with_lifespan(_ends_after_startup)


async def _exits(_scope: Scope, receive: Receive, _send: Send) -> None:
    await receive()
    raise SystemExit("no database")


exits = with_lifespan(_exits)


async def _stubborn(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] != "lifespan":
        await wait(scope, "in")
        while True:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(60)
    while True:
        message = await receive()
        note(message["type"])
        await send({"type": message["type"] + ".complete"})


stubborn = _stubborn
