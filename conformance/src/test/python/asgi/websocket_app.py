"""WebSockets as bare ASGI knows them."""

import asyncio
import contextlib

from plain import Message, Receive, Scope, Send, answer, query, routes, say, wait
from scope_app import described


async def accept(receive: Receive, send: Send) -> None:
    message = await receive()
    assert message["type"] == "websocket.connect", message
    await send({"type": "websocket.accept"})


async def echo(_scope: Scope, receive: Receive, send: Send) -> None:
    await accept(receive, send)
    while (message := await receive())["type"] == "websocket.receive":
        if message.get("text") is not None:
            await send({"type": "websocket.send", "text": message["text"]})
        else:
            await send({"type": "websocket.send", "bytes": message["bytes"]})


async def events(scope: Scope, receive: Receive, send: Send) -> None:
    """Every message as it comes; the last ones go to the gate."""
    first = await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": f"{first}"})
    while (message := await receive())["type"] == "websocket.receive":
        shown = {key: value for key, value in sorted(message.items()) if value is not None}
        await send({"type": "websocket.send", "text": f"{shown}"})
    say(scope, f"{message['type']} {message['code']} {message.get('reason')}")


async def tells_scope(scope: Scope, receive: Receive, send: Send) -> None:
    await accept(receive, send)
    await send({"type": "websocket.send", "text": described(scope)})
    await receive()


async def chooses(scope: Scope, receive: Receive, send: Send) -> None:
    """Accepts with the last subprotocol, and headers."""
    await receive()
    await send(
        {
            "type": "websocket.accept",
            "subprotocol": scope["subprotocols"][-1] if scope["subprotocols"] else None,
            "headers": [(b"x-own", b"1"), (b"set-cookie", b"a=1")],
        }
    )
    await send({"type": "websocket.send", "text": " ".join(scope["subprotocols"])})
    await receive()


async def closes(scope: Scope, receive: Receive, send: Send) -> None:
    await accept(receive, send)
    message: Message = {"type": "websocket.close"}
    if query(scope, "code"):
        message["code"] = int(query(scope, "code"))
        message["reason"] = query(scope, "reason")
    await send(message)
    after = await receive()
    if query(scope, "gate"):
        say(scope, after["type"])


async def denies(_scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.close"})


async def denies_in_words(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    if "websocket.http.response" not in scope["extensions"]:
        return
    await send(
        {
            "type": "websocket.http.response.start",
            "status": 401,
            "headers": [(b"content-type", b"text/plain"), (b"x-why", b"because")],
        }
    )
    await send({"type": "websocket.http.response.body", "body": b"who ", "more_body": True})
    await send({"type": "websocket.http.response.body", "body": b"are you?"})


async def raises_before(_scope: Scope, receive: Receive, _send: Send) -> None:
    await receive()
    raise ValueError("before accept")


async def raises_after(_scope: Scope, receive: Receive, send: Send) -> None:
    await accept(receive, send)
    raise ValueError("after accept")


async def returns_before(_scope: Scope, receive: Receive, _send: Send) -> None:
    await receive()


async def returns_after(_scope: Scope, receive: Receive, send: Send) -> None:
    await accept(receive, send)


async def gone(scope: Scope, receive: Receive, send: Send) -> None:
    """What sends raise when the client has gone; what receive gives then."""
    await accept(receive, send)
    say(scope, "in")
    await receive()
    try:
        await send({"type": "websocket.send", "text": "x"})
        raised = "nothing"
    except OSError:
        raised = "OSError"
    except Exception as exception:
        raised = repr(exception)
    say(scope, raised)


async def tries(_scope: Scope, receive: Receive, send: Send) -> None:
    """Wrong messages are errors at their send, and harm nothing."""
    await accept(receive, send)
    raised = []
    wrong: list[Message] = [
        {"type": "websocket.accept"},
        {"type": "http.response.start", "status": 200},
        {"type": "websocket.other"},
        {"type": "websocket.send", "text": b"bytes"},
        {"type": "websocket.send", "bytes": "text"},
        {"type": "websocket.send"},
    ]
    for message in wrong:
        try:
            await send(message)
            raised.append("nothing")
        except Exception:
            raised.append("error")
    await send({"type": "websocket.send", "text": " ".join(raised)})
    await receive()


async def held(scope: Scope, receive: Receive, send: Send) -> None:
    """Sends until a send() does not come back."""
    await accept(receive, send)
    for number in range(4096):
        sending = asyncio.ensure_future(send({"type": "websocket.send", "bytes": b"x" * 65536}))
        done, _ = await asyncio.wait([sending], timeout=1)
        if not done:
            say(scope, f"{number * 65536}")
            break
    with contextlib.suppress(OSError):
        await asyncio.wait_for(sending, 30)
    say(scope, "let go")


async def reads_late(scope: Scope, receive: Receive, send: Send) -> None:
    """Receives nothing until it is let go, then all."""
    await accept(receive, send)
    await wait(scope, "in")
    size = 0
    while (message := await receive())["type"] == "websocket.receive":
        size += len(message["bytes"])
        if size == 512 * 131058:
            say(scope, f"{size}")


async def counts_slowly(scope: Scope, receive: Receive, send: Send) -> None:
    """Counts messages, with pauses; how it ended goes to the gate."""
    await accept(receive, send)
    await asyncio.sleep(0.3)
    count = 0
    while (message := await receive())["type"] == "websocket.receive":
        count += 1
        if count % 50 == 0:
            await asyncio.sleep(0.005)
    say(scope, f"{count}, then {message['code']} {message['reason']}")


async def both_ways(_scope: Scope, receive: Receive, send: Send) -> None:
    """One task sends while another one receives."""
    await accept(receive, send)
    stop = asyncio.Event()

    async def count() -> int:
        number = 0
        while not stop.is_set():
            await send({"type": "websocket.send", "text": "tick"})
            number += 1
            await asyncio.sleep(0.001)
        return number

    counting = asyncio.create_task(count())
    message = await receive()
    stop.set()
    number = await counting
    await send({"type": "websocket.send", "text": f"{message['text']} {number}"})
    await receive()


async def http(scope: Scope, _receive: Receive, send: Send) -> None:
    await answer(send, scope["type"])


app = routes(
    echo,
    events,
    tells_scope,
    chooses,
    closes,
    denies,
    denies_in_words,
    raises_before,
    raises_after,
    returns_before,
    returns_after,
    gone,
    tries,
    held,
    reads_late,
    counts_slowly,
    both_ways,
    http,
)
