"""Django's ASGI: its ORM on SQLite, async and sync views; WebSockets by Channels."""

import asyncio
import json
import os
import tempfile
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import django
from channels.generic.websocket import AsyncJsonWebsocketConsumer, AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.db import connection, models
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
    StreamingHttpResponse,
)
from django.urls import path

from plain import say
from shared import DeliberateError, background, digest, events, rows

DATABASE = Path(tempfile.mkdtemp(), "notes.sqlite3")
TASKS: set[asyncio.Task[None]] = set()

settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="a test",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": DATABASE}},
    DATA_UPLOAD_MAX_MEMORY_SIZE=32 * 1024 * 1024,
    LOGGING={
        "version": 1,
        "disable_existing_loggers": False,
        "handlers": {"stderr": {"class": "logging.StreamHandler"}},
        "loggers": {"django.request": {"handlers": ["stderr"], "level": "ERROR"}},
    },
)
django.setup()


class Note(models.Model):
    """A note."""

    text = models.TextField()

    class Meta:
        app_label = "notes"


def create() -> None:
    with connection.schema_editor() as editor:
        editor.create_model(Note)
    connection.close()


# (Some servers import applications inside their loop, where Django does not let the ORM run.)
creation = threading.Thread(target=create)
creation.start()
creation.join()


async def home(_request: HttpRequest) -> HttpResponseBase:
    return HttpResponse("hello from django", content_type="text/plain; charset=utf-8")


def form(request: HttpRequest) -> HttpResponseBase:
    return JsonResponse({"name": request.POST["name"], "message": request.POST["message"]})


async def upload(request: HttpRequest) -> HttpResponseBase:
    file = request.FILES["file"]
    told = digest(file.read())
    return JsonResponse({"note": request.POST["note"], "name": file.name, **told})


async def raw(request: HttpRequest) -> HttpResponseBase:
    return JsonResponse(digest(request.body))


async def stream(request: HttpRequest) -> HttpResponseBase:
    return StreamingHttpResponse(rows(int(request.GET["count"])), content_type="text/csv")


async def server_sent(request: Any) -> HttpResponseBase:
    async def encoded() -> AsyncIterator[bytes]:
        async for event in events(request.scope):
            yield event.encode()

    return StreamingHttpResponse(encoded(), content_type="text/event-stream")


async def later(request: Any) -> HttpResponseBase:
    task = asyncio.create_task(background(request.scope))
    TASKS.add(task)
    task.add_done_callback(TASKS.discard)
    return HttpResponse("accepted")


async def cookie(request: HttpRequest) -> HttpResponseBase:
    visits = int(request.COOKIES.get("visits", "0")) + 1
    response = HttpResponse(f"visit {visits}")
    response.set_cookie("visits", str(visits), httponly=True)
    return response


async def redirect(_request: HttpRequest) -> HttpResponseBase:
    return HttpResponseRedirect("/")


async def fails(_request: HttpRequest) -> HttpResponseBase:
    raise DeliberateError("in django")


async def async_notes(request: HttpRequest) -> HttpResponseBase:
    """Keeps a note, and tells all."""
    await Note.objects.acreate(text=request.GET["text"])
    return JsonResponse({"notes": [note.text async for note in Note.objects.order_by("id")]})


def sync_notes(_request: HttpRequest) -> HttpResponseBase:
    """On a thread, as Django runs sync views."""
    here = threading.current_thread() is threading.main_thread()
    notes = list(Note.objects.order_by("id").values_list("text", flat=True))
    try:
        asyncio.get_running_loop()
        loop = True
    except RuntimeError:
        loop = False
    return JsonResponse({"notes": notes, "main": here, "loop": loop, "pid": os.getpid()})


class Text(AsyncWebsocketConsumer):  # type: ignore[misc]
    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.send(text_data=f"echo: {text_data}")


class Binary(AsyncWebsocketConsumer):  # type: ignore[misc]
    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        assert bytes_data is not None, text_data
        await self.send(bytes_data=bytes_data[::-1])


class Json(AsyncJsonWebsocketConsumer):  # type: ignore[misc]
    async def receive_json(self, content: Any, **_more: Any) -> None:
        await self.send_json({"got": content})

    @classmethod
    async def encode_json(cls, content: Any) -> str:
        return json.dumps(content, separators=(",", ":"))


class Close(AsyncWebsocketConsumer):  # type: ignore[misc]
    async def connect(self) -> None:
        await self.accept()
        await self.close(4001, "no more")


class Ends(AsyncWebsocketConsumer):  # type: ignore[misc]
    async def disconnect(self, code: int) -> None:
        say(self.scope, f"{code}")


class Deny(AsyncWebsocketConsumer):  # type: ignore[misc]
    async def connect(self) -> None:
        await self.close()


urlpatterns = [
    path("", home),
    path("form", form),
    path("upload", upload),
    path("raw", raw),
    path("stream", stream),
    path("events", server_sent),
    path("background", later),
    path("cookie", cookie),
    path("redirect", redirect),
    path("fails", fails),
    path("notes", async_notes),
    path("sync-notes", sync_notes),
]

app = ProtocolTypeRouter(
    {
        "http": get_asgi_application(),
        "websocket": URLRouter(
            [
                path("ws/text", Text.as_asgi()),
                path("ws/bytes", Binary.as_asgi()),
                path("ws/json", Json.as_asgi()),
                path("ws/close", Close.as_asgi()),
                path("ws/ends", Ends.as_asgi()),
                path("ws/deny", Deny.as_asgi()),
            ]
        ),
    }
)
