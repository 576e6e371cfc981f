"""Holds things that are no application, and factories that fail."""

from wsgiref.types import StartResponse, WSGIEnvironment

number = 5


def unnamed_application(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b""]


def failing_factory() -> None:
    raise LookupError("no configuration for the factory")


def factory_of_none() -> None:
    return None


async def asgi(_scope: object, _receive: object, _send: object) -> None:
    """An ASGI application: another interface."""
