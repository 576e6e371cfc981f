"""Litestar, with dependencies and msgspec's structures."""

import contextlib
from collections.abc import AsyncIterator
from typing import Annotated, Any

import msgspec
from litestar import Litestar, MediaType, Request, Response, WebSocket, get, head, post, websocket
from litestar.background_tasks import BackgroundTask
from litestar.datastructures import Cookie, State, UploadFile
from litestar.di import Provide
from litestar.enums import RequestEncodingType
from litestar.exceptions import WebSocketDisconnect
from litestar.logging import LoggingConfig
from litestar.params import Body
from litestar.response import Redirect, ServerSentEvent, ServerSentEventMessage, Stream

from plain import say, wait
from shared import DeliberateError, background, digest, digest_of_stream, rows, stopped

AnyRequest = Request[Any, Any, State]
Socket = WebSocket[Any, Any, State]


@get("/", media_type=MediaType.TEXT)
async def home() -> str:
    return "hello from litestar"


@head("/")
async def home_head() -> None:
    return


@post("/form", status_code=200)
async def form(
    data: Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> dict[str, str]:
    return {"name": data["name"], "message": data["message"]}


@post("/upload", status_code=200)
async def upload(
    data: Annotated[dict[str, Any], Body(media_type=RequestEncodingType.MULTI_PART)],
) -> dict[str, Any]:
    file: UploadFile = data["file"]
    return {"note": data["note"], "name": file.filename, **digest(await file.read())}


@post("/raw", status_code=200)
async def raw(request: AnyRequest) -> dict[str, Any]:
    return await digest_of_stream(request.stream())


@get("/stream")
async def stream(count: int) -> Stream:
    return Stream(rows(count), media_type="text/csv")


@get("/events")
async def server_sent(request: AnyRequest) -> ServerSentEvent:
    async def messages() -> AsyncIterator[ServerSentEventMessage]:
        yield ServerSentEventMessage(data="one")
        await wait(dict(request.scope), "one is sent")
        yield ServerSentEventMessage(data="two")

    return ServerSentEvent(messages())


@post("/background", media_type=MediaType.TEXT, status_code=200)
async def later(request: AnyRequest) -> Response[str]:
    return Response("accepted", background=BackgroundTask(background, dict(request.scope)))


@get("/state", media_type=MediaType.TEXT)
async def shows_state(state: State) -> str:
    return str(state.name)


@get("/cookie", media_type=MediaType.TEXT)
async def cookie(request: AnyRequest) -> Response[str]:
    visits = int(request.cookies.get("visits", "0")) + 1
    return Response(f"visit {visits}", cookies=[Cookie("visits", value=str(visits), httponly=True)])


@get("/redirect", status_code=303)
async def redirects() -> Redirect:
    return Redirect("/", status_code=303)


@get("/fails")
async def fails() -> None:
    raise DeliberateError("in litestar")


async def resource(request: AnyRequest) -> AsyncIterator[str]:
    yield "async"
    say(dict(request.scope), "released")


def sync_resource(first: str) -> str:
    return f"{first} and sync"


@get(
    "/injected",
    media_type=MediaType.TEXT,
    sync_to_thread=True,
    dependencies={
        "first": Provide(resource),
        "value": Provide(sync_resource, sync_to_thread=True),
    },
)
def injected(value: str) -> str:
    return f"injected {value}"


class Item(msgspec.Struct):
    name: Annotated[str, msgspec.Meta(min_length=1)]
    price: Annotated[float, msgspec.Meta(gt=0)]
    count: int = 1


@post("/item")
async def item(data: Item) -> dict[str, Any]:
    return {"name": data.name, "total": data.price * data.count}


@websocket("/ws/text")
async def text(socket: Socket) -> None:
    await socket.accept()
    async for message in socket.iter_data("text"):
        await socket.send_text(f"echo: {message}")


@websocket("/ws/bytes")
async def binary(socket: Socket) -> None:
    await socket.accept()
    async for message in socket.iter_data("binary"):
        await socket.send_bytes(message[::-1])


@websocket("/ws/json")
async def json(socket: Socket) -> None:
    await socket.accept()
    async for message in socket.iter_json():
        await socket.send_json({"got": message})


@websocket("/ws/close")
async def close(socket: Socket) -> None:
    await socket.accept()
    await socket.close(4001, "no more")


@websocket("/ws/ends")
async def ends(socket: Socket) -> None:
    await socket.accept()
    try:
        await socket.receive_text()
    except WebSocketDisconnect as end:
        say(dict(socket.scope), f"{end.code}")


@websocket("/ws/deny")
async def deny(socket: Socket) -> None:
    await socket.close()


@contextlib.asynccontextmanager
async def lifespan(litestar: Litestar) -> AsyncIterator[None]:
    litestar.state.name = "started"
    yield
    stopped("litestar")


app = Litestar(
    route_handlers=[
        home,
        home_head,
        form,
        upload,
        raw,
        stream,
        server_sent,
        later,
        shows_state,
        cookie,
        redirects,
        fails,
        injected,
        item,
        text,
        binary,
        json,
        close,
        ends,
        deny,
    ],
    lifespan=[lifespan],
    logging_config=LoggingConfig(log_exceptions="always"),
    request_max_body_size=32 * 1024 * 1024,
)
