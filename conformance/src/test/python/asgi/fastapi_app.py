"""FastAPI, with pydantic's models and dependencies; its WebSockets too."""

import contextlib
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import (
    BackgroundTasks,
    Cookie,
    Depends,
    FastAPI,
    File,
    Form,
    Request,
    Response,
    UploadFile,
    WebSocket,
    WebSocketDisconnect,
)
from fastapi.responses import PlainTextResponse, RedirectResponse, StreamingResponse
from pydantic import BaseModel, Field

from plain import say
from shared import DeliberateError, background, digest, digest_of_stream, events, rows, stopped


@contextlib.asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    yield {"name": "started"}
    stopped("fastapi")


app = FastAPI(lifespan=lifespan)


@app.api_route("/", methods=["GET", "HEAD"], response_class=PlainTextResponse)
async def home() -> str:
    return "hello from fastapi"


@app.post("/form")
async def form(name: Annotated[str, Form()], message: Annotated[str, Form()]) -> dict[str, str]:
    return {"name": name, "message": message}


@app.post("/upload")
async def upload(
    file: Annotated[UploadFile, File()], note: Annotated[str, Form()]
) -> dict[str, Any]:
    return {"note": note, "name": file.filename, **digest(await file.read())}


@app.post("/raw")
async def raw(request: Request) -> dict[str, Any]:
    return await digest_of_stream(request.stream())


@app.get("/stream")
async def stream(count: int) -> StreamingResponse:
    return StreamingResponse(rows(count), media_type="text/csv")


@app.get("/events")
async def server_sent(request: Request) -> StreamingResponse:
    return StreamingResponse(events(request.scope), media_type="text/event-stream")


@app.post("/background", response_class=PlainTextResponse)
async def later(request: Request, tasks: BackgroundTasks) -> str:
    tasks.add_task(background, request.scope)
    return "accepted"


@app.get("/state", response_class=PlainTextResponse)
async def state(request: Request) -> str:
    return str(request.state.name)


@app.get("/cookie", response_class=PlainTextResponse)
async def cookie(response: Response, visits: Annotated[int, Cookie()] = 0) -> str:
    response.set_cookie("visits", str(visits + 1), httponly=True)
    return f"visit {visits + 1}"


@app.get("/redirect")
async def redirect() -> RedirectResponse:
    return RedirectResponse("/", 303)


@app.get("/fails")
async def fails() -> None:
    raise DeliberateError("in fastapi")


async def resource(request: Request) -> AsyncIterator[str]:
    yield "async"
    say(request.scope, "released")


def sync_resource(first: Annotated[str, Depends(resource)]) -> str:
    return f"{first} and sync"


@app.get("/injected", response_class=PlainTextResponse)
def injected(value: Annotated[str, Depends(sync_resource)]) -> str:
    return f"injected {value}"


class Item(BaseModel):
    name: str = Field(min_length=1)
    price: float = Field(gt=0)
    count: int = 1


class Priced(BaseModel):
    name: str
    total: float


@app.post("/item", status_code=201)
async def item(wanted: Item) -> Priced:
    return Priced(name=wanted.name, total=wanted.price * wanted.count)


@app.websocket("/ws/text")
async def text(socket: WebSocket) -> None:
    await socket.accept()
    async for message in socket.iter_text():
        await socket.send_text(f"echo: {message}")


@app.websocket("/ws/bytes")
async def binary(socket: WebSocket) -> None:
    await socket.accept()
    async for message in socket.iter_bytes():
        await socket.send_bytes(message[::-1])


@app.websocket("/ws/json")
async def json(socket: WebSocket) -> None:
    await socket.accept()
    async for message in socket.iter_json():
        await socket.send_json({"got": message})


@app.websocket("/ws/close")
async def close(socket: WebSocket) -> None:
    await socket.accept()
    await socket.close(4001, "no more")


@app.websocket("/ws/ends")
async def ends(socket: WebSocket) -> None:
    await socket.accept()
    try:
        await socket.receive_text()
    except WebSocketDisconnect as end:
        say(socket.scope, f"{end.code}")


@app.websocket("/ws/deny")
async def deny(socket: WebSocket) -> None:
    await socket.send_denial_response(PlainTextResponse("who are you?", 401))
