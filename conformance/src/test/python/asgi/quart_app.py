"""Quart."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from quart import Quart, Response, ResponseReturnValue, redirect, request, websocket

from plain import say
from shared import DeliberateError, background, digest, digest_of_stream, events, rows, stopped

app = Quart(__name__)
app.config["MAX_CONTENT_LENGTH"] = 32 * 1024 * 1024
state = {"name": "not started"}


@app.before_serving
async def start() -> None:
    state["name"] = "started"


@app.after_serving
async def stop() -> None:
    stopped("quart")


@app.get("/")
async def home() -> ResponseReturnValue:
    return "hello from quart", {"Content-Type": "text/plain; charset=utf-8"}


@app.post("/form")
async def form() -> ResponseReturnValue:
    fields = await request.form
    return {"name": fields["name"], "message": fields["message"]}


@app.post("/upload")
async def upload() -> ResponseReturnValue:
    file = (await request.files)["file"]
    note = (await request.form)["note"]
    return {"note": note, "name": file.filename, **digest(file.read())}


@app.post("/raw")
async def raw() -> ResponseReturnValue:
    async def parts() -> AsyncIterator[bytes]:
        async for part in request.body:
            yield part

    return await digest_of_stream(parts())


@app.get("/stream")
async def stream() -> Response:
    return Response(rows(int(request.args["count"])), content_type="text/csv")


@app.get("/events")
async def server_sent() -> Response:
    response = Response(events(dict(request.scope)), content_type="text/event-stream")
    response.timeout = None
    return response


@app.post("/background")
async def later() -> ResponseReturnValue:
    app.add_background_task(background, request.scope)
    return "accepted"


@app.get("/state")
async def shows_state() -> ResponseReturnValue:
    return state["name"]


@app.get("/cookie")
async def cookie() -> Any:
    visits = int(request.cookies.get("visits", "0")) + 1
    response = await app.make_response(f"visit {visits}")
    response.set_cookie("visits", str(visits), httponly=True)
    return response


@app.get("/redirect")
async def redirects() -> Any:
    return redirect("/", 303)


@app.get("/fails")
async def fails() -> ResponseReturnValue:
    raise DeliberateError("in quart")


@app.websocket("/ws/text")
async def text() -> None:
    while True:
        message = await websocket.receive()
        await websocket.send(f"echo: {message!s}")


@app.websocket("/ws/bytes")
async def binary() -> None:
    while True:
        await websocket.send((await websocket.receive())[::-1])


@app.websocket("/ws/json")
async def json() -> None:
    while True:
        await websocket.send_json({"got": await websocket.receive_json()})


@app.websocket("/ws/close")
async def close() -> None:
    await websocket.accept()
    await websocket.close(4001, "no more")


@app.websocket("/ws/ends")
async def ends() -> None:
    """(Quart tells nobody the code: the task is cancelled.)"""
    await websocket.accept()
    try:
        await websocket.receive()
    except asyncio.CancelledError:
        say(dict(websocket.scope), "cancelled")
        raise


@app.websocket("/ws/deny")
async def deny() -> ResponseReturnValue:
    return "who are you?", 401
