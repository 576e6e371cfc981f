"""Applications of both kinds, for one port."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from plain import answer

LIFE: list[str] = []


async def modern(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Of ASGI: says what it got; /echo gives the length of a body, any WebSocket an echo."""
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            LIFE.append(message["type"].rpartition(".")[2])
            print("modern:", LIFE[-1], flush=True)
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": "modern " + message["text"]})
        return
    length = 0
    more = True
    while more:
        message = await receive()
        length += len(message.get("body", b""))
        more = message.get("more_body", False)
    told = {
        "kind": "asgi",
        "root": scope["root_path"],
        "path": scope["path"],
        "raw": scope["raw_path"].decode(),
        "length": length,
        "life": LIFE,
    }
    await answer(send, json.dumps(told))


def old(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Of WSGI: says what it got."""
    length = len(environ["wsgi.input"].read())
    told = {
        "kind": "wsgi",
        "root": environ["SCRIPT_NAME"].encode("latin-1").decode(),
        "path": environ["PATH_INFO"].encode("latin-1").decode(),
        "length": length,
    }
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(told).encode()]


def make() -> Any:
    """Found out to be a factory."""
    return old


class Made:
    """Its instances are the applications."""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return old(environ, start_response)


def with_defaults(environ: Any = None, start_response: Any = None) -> Iterable[bytes]:
    """No factory, though it could be called with nothing."""
    return old(environ, start_response)


async def refusing(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Does not start."""
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "not today"})
