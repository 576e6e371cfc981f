"""Applications that break the rules, each in one way; the name of a route says which."""

import asyncio
import threading
from typing import Any

from plain import Message, Receive, Scope, Send, answer, part, query, routes, start, whole_body


class DeliberateError(Exception):
    """Raised by these applications."""


class OwnBaseError(BaseException):
    """What no `except Exception` catches."""


def thrown(kind: str) -> BaseException:
    kinds: dict[str, BaseException] = {
        "exception": DeliberateError("on purpose"),
        "base": OwnBaseError("on purpose"),
        "exit": SystemExit("on purpose"),
        "interrupt": KeyboardInterrupt("on purpose"),
        "cancelled": asyncio.CancelledError("on purpose"),
        "group": BaseExceptionGroup("on purpose", [DeliberateError("inner")]),
    }
    return kinds[kind]


async def raises_before(scope: Scope, receive: Receive, _send: Send) -> None:
    await whole_body(receive)
    raise thrown(query(scope, "kind"))


async def raises_at_once(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise DeliberateError("at once")


async def raises_after_start(_scope: Scope, _receive: Receive, send: Send) -> None:
    await start(send)
    raise DeliberateError("after start")


async def raises_midway(scope: Scope, _receive: Receive, send: Send) -> None:
    await start(send)
    await part(send, b"begun")
    await asyncio.sleep(0)
    raise thrown(query(scope, "kind"))


async def raises_midway_of_a_length(_scope: Scope, _receive: Receive, send: Send) -> None:
    await start(send, length=100)
    await part(send, b"begun")
    raise DeliberateError("midway of a length")


async def raises_behind(_scope: Scope, _receive: Receive, send: Send) -> None:
    await answer(send, "whole")
    raise DeliberateError("behind the answer")


async def recursion(scope: Scope, receive: Receive, send: Send) -> None:
    await recursion(scope, receive, send)


async def returns_at_once(_scope: Scope, _receive: Receive, _send: Send) -> None:
    return


async def returns_midway(_scope: Scope, _receive: Receive, send: Send) -> None:
    await start(send)
    await part(send, b"begun")


async def returns_after_start(_scope: Scope, _receive: Receive, send: Send) -> None:
    await start(send)


async def too_little(_scope: Scope, _receive: Receive, send: Send) -> None:
    await start(send, length=10)
    await part(send, b"12345", more=False)


async def too_much(_scope: Scope, _receive: Receive, send: Send) -> None:
    await start(send, length=10)
    await part(send, b"1234567890and more", more=False)


async def too_much_later(_scope: Scope, _receive: Receive, send: Send) -> None:
    await start(send, length=10)
    await part(send, b"1234567890")
    await part(send, b"and more", more=False)


async def tries(send: Send, message: Message) -> str:
    """What sending this raises."""
    try:
        await send(message)
    except Exception as exception:
        return type(exception).__name__
    return "nothing"


async def body_first(_scope: Scope, _receive: Receive, send: Send) -> None:
    await answer(send, await tries(send, {"type": "http.response.body", "body": b"early"}))


async def starts_twice(_scope: Scope, _receive: Receive, send: Send) -> None:
    await start(send)
    second = {"type": "http.response.start", "status": 404, "headers": []}
    await part(send, (await tries(send, second)).encode(), more=False)


LATE: list[str] = []


async def body_behind_the_end(_scope: Scope, _receive: Receive, send: Send) -> None:
    await answer(send, "whole")
    LATE.append(await tries(send, {"type": "http.response.body", "body": b"more"}))


async def start_behind_the_end(_scope: Scope, _receive: Receive, send: Send) -> None:
    await answer(send, "whole")
    LATE.append(await tries(send, {"type": "http.response.start", "status": 200, "headers": []}))


async def late(_scope: Scope, _receive: Receive, send: Send) -> None:
    """What was raised behind the ends of answers."""
    await answer(send, " ".join(LATE))


def head(**changes: Any) -> Message:
    return {"type": "http.response.start", "status": 200, "headers": []} | changes


WRONG: dict[str, Any] = {
    "no message": None,
    "a list": ["http.response.start"],
    "no type": {"status": 200},
    "another type": {"type": "http.response.other"},
    "a type of WebSockets": {"type": "websocket.accept"},
    "no status": {"type": "http.response.start"},
    "status a str": head(status="200"),
    "status None": head(status=None),
    "status a float": head(status=200.0),
    "status too small": head(status=99),
    "status too large": head(status=1000),
    "headers None": head(headers=None),
    "headers a number": head(headers=5),
    "header no pair": head(headers=[(b"x",)]),
    "header of three": head(headers=[(b"x", b"y", b"z")]),
    "header name a str": head(headers=[("x", b"y")]),
    "header value a str": head(headers=[(b"x", "y")]),
    "header value a number": head(headers=[(b"x", 5)]),
    "header value with CR LF": head(headers=[(b"x", b"a\r\nX-Injected: 1")]),
    "header value with LF": head(headers=[(b"x", b"a\nX-Injected: 1")]),
    "header value with NUL": head(headers=[(b"x", b"a\0b")]),
    "header name with CR LF": head(headers=[(b"x: 1\r\nX-Injected", b"a")]),
    "header name with a space": head(headers=[(b"x y", b"a")]),
    "header name empty": head(headers=[(b"", b"a")]),
    "length no number": head(headers=[(b"content-length", b"many")]),
    "length negative": head(headers=[(b"content-length", b"-1")]),
    "two lengths": head(headers=[(b"content-length", b"1"), (b"content-length", b"2")]),
}
WRONG_BODIES: dict[str, Any] = {
    "a str": "text",
    "a number": 5,
    "a list": [b"x"],
}


async def wrong_message(scope: Scope, _receive: Receive, send: Send) -> None:
    await send(WRONG[query(scope, "case")])
    await part(send, b"body", more=False)


async def wrong_message_and_a_right_one(scope: Scope, _receive: Receive, send: Send) -> None:
    await answer(send, await tries(send, WRONG[query(scope, "case")]))


async def wrong_body(scope: Scope, _receive: Receive, send: Send) -> None:
    await start(send)
    await send({"type": "http.response.body", "body": WRONG_BODIES[query(scope, "case")]})


async def a_task_fails(_scope: Scope, _receive: Receive, send: Send) -> None:
    async def fails() -> None:
        raise DeliberateError("in a task of its own")

    task = asyncio.create_task(fails())
    await asyncio.sleep(0.01)
    del task
    await answer(send, "whole")


async def a_callback_fails(_scope: Scope, _receive: Receive, send: Send) -> None:
    def fails() -> None:
        raise DeliberateError("in a callback")

    asyncio.get_running_loop().call_soon(fails)
    await asyncio.sleep(0.01)
    await answer(send, "whole")


async def threads(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Sends from a task that another thread has asked for."""
    loop = asyncio.get_running_loop()

    def elsewhere() -> None:
        asyncio.run_coroutine_threadsafe(answer(send, "from elsewhere"), loop).result(10)

    await asyncio.to_thread(elsewhere)


async def threads_directly(scope: Scope, receive: Receive, send: Send) -> None:
    """Calls send and receive themselves on another thread, for the loop to await."""
    loop = asyncio.get_running_loop()
    begun: Any = {"type": "http.response.start", "status": 200}
    seen: list[str] = []

    def elsewhere() -> None:
        event = asyncio.run_coroutine_threadsafe(receive(), loop).result(10)  # type: ignore[arg-type]
        seen.append(event["type"])
        for message in (begun, {"type": "http.response.body", "body": b"sent", "more_body": True}):
            asyncio.run_coroutine_threadsafe(send(message), loop).result(10)  # type: ignore[arg-type]
        try:  # awaited where it does not belong
            asyncio.run(_awaited(send(message)))
        except RuntimeError as error:
            seen.append(type(error).__name__)

    if query(scope, "of") == "python":
        thread = threading.Thread(target=elsewhere)
        thread.start()
        while thread.is_alive():
            await asyncio.sleep(0.001)
    else:
        await asyncio.to_thread(elsewhere)
    await part(send, " ".join(["", *seen]).encode(), more=False)


async def _awaited(awaitable: Any) -> Any:
    return await awaitable


class _Resource:
    """Says when nobody has it any more."""

    released = 0

    def __del__(self) -> None:
        _Resource.released += 1


async def raises_with_a_resource(scope: Scope, _receive: Receive, send: Send) -> None:
    """What a failed call has is nobody's, without a collection."""
    if query(scope, "ask"):
        await answer(send, str(_Resource.released))
        return
    resource = _Resource()
    await start(send)
    if query(scope, "late"):
        await asyncio.sleep(0.001)
    raise DeliberateError(f"on purpose with {resource is not None}")


async def raises_behind_much(_scope: Scope, _receive: Receive, send: Send) -> None:
    """More than the system takes at once, and no end."""
    await start(send)
    for _ in range(40):
        await part(send, b"x" * 7000)
    raise DeliberateError("behind much")


app = routes(
    raises_before,
    raises_at_once,
    raises_after_start,
    raises_midway,
    raises_midway_of_a_length,
    raises_behind,
    recursion,
    returns_at_once,
    returns_midway,
    returns_after_start,
    too_little,
    too_much,
    too_much_later,
    body_first,
    starts_twice,
    body_behind_the_end,
    start_behind_the_end,
    late,
    wrong_message,
    wrong_message_and_a_right_one,
    wrong_body,
    a_task_fails,
    a_callback_fails,
    threads,
    threads_directly,
    raises_with_a_resource,
    raises_behind_much,
)
