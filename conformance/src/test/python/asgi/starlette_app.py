"""Starlette."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import (
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from plain import say
from shared import DeliberateError, background, digest, digest_of_stream, events, rows, stopped


async def home(_request: Request) -> Response:
    return PlainTextResponse("hello from starlette")


async def form(request: Request) -> Response:
    fields = await request.form()
    return JSONResponse({"name": fields["name"], "message": fields["message"]})


async def upload(request: Request) -> Response:
    async with request.form() as fields:
        file = fields["file"]
        assert isinstance(file, UploadFile)
        told = digest(await file.read())
        return JSONResponse({"note": fields["note"], "name": file.filename, **told})


async def raw(request: Request) -> Response:
    return JSONResponse(await digest_of_stream(request.stream()))


async def stream(request: Request) -> Response:
    return StreamingResponse(rows(int(request.query_params["count"])), media_type="text/csv")


async def server_sent(request: Request) -> Response:
    return StreamingResponse(events(request.scope), media_type="text/event-stream")


async def later(request: Request) -> Response:
    return PlainTextResponse("accepted", background=BackgroundTask(background, request.scope))


async def state(request: Request) -> Response:
    return PlainTextResponse(request.state.name)


async def cookie(request: Request) -> Response:
    visits = int(request.cookies.get("visits", "0")) + 1
    response = PlainTextResponse(f"visit {visits}")
    response.set_cookie("visits", str(visits), httponly=True)
    return response


async def redirect(_request: Request) -> Response:
    return RedirectResponse("/", 303)


async def fails(_request: Request) -> Response:
    raise DeliberateError("in starlette")


async def text(socket: WebSocket) -> None:
    await socket.accept()
    async for message in socket.iter_text():
        await socket.send_text(f"echo: {message}")


async def binary(socket: WebSocket) -> None:
    await socket.accept()
    async for message in socket.iter_bytes():
        await socket.send_bytes(message[::-1])


async def json(socket: WebSocket) -> None:
    await socket.accept()
    async for message in socket.iter_json():
        await socket.send_json({"got": message})


async def close(socket: WebSocket) -> None:
    await socket.accept()
    await socket.close(4001, "no more")


async def ends(socket: WebSocket) -> None:
    await socket.accept()
    try:
        await socket.receive_text()
    except WebSocketDisconnect as end:
        say(socket.scope, f"{end.code}")


async def deny(socket: WebSocket) -> None:
    await socket.send_denial_response(PlainTextResponse("who are you?", 401))


@contextlib.asynccontextmanager
async def lifespan(_app: Starlette) -> AsyncIterator[dict[str, Any]]:
    yield {"name": "started"}
    stopped("starlette")


app = Starlette(
    routes=[
        Route("/", home),
        Route("/form", form, methods=["POST"]),
        Route("/upload", upload, methods=["POST"]),
        Route("/raw", raw, methods=["POST"]),
        Route("/stream", stream),
        Route("/events", server_sent),
        Route("/background", later, methods=["POST"]),
        Route("/state", state),
        Route("/cookie", cookie),
        Route("/redirect", redirect),
        Route("/fails", fails),
        WebSocketRoute("/ws/text", text),
        WebSocketRoute("/ws/bytes", binary),
        WebSocketRoute("/ws/json", json),
        WebSocketRoute("/ws/close", close),
        WebSocketRoute("/ws/ends", ends),
        WebSocketRoute("/ws/deny", deny),
    ],
    lifespan=lifespan,
)
