"""What goes through receive and send when all is well."""

import asyncio
import hashlib
from http import HTTPStatus

from plain import Receive, Scope, Send, answer, part, query, routes, say, start, wait, whole_body


async def events(_scope: Scope, receive: Receive, send: Send) -> None:
    """The messages of the body, as they come."""
    seen = []
    more = True
    while more:
        message = await receive()
        more = message["more_body"]
        seen.append(f"{message['type']} {type(message['body']).__name__} {more}")
    await answer(send, "\n".join(seen))


async def digest(_scope: Scope, receive: Receive, send: Send) -> None:
    body = await whole_body(receive)
    await answer(send, f"{len(body)} {hashlib.sha256(body).hexdigest()}")


async def echo(_scope: Scope, receive: Receive, send: Send) -> None:
    """Sends each part back before it asks for the next."""
    await start(send)
    more = True
    while more:
        message = await receive()
        more = message["more_body"]
        await part(send, message["body"])
    await part(send, b"", more=False)


async def reads_after_the_gate(scope: Scope, receive: Receive, send: Send) -> None:
    await wait(scope, "in")
    body = await whole_body(receive)
    await answer(send, body.decode())


async def never_reads(scope: Scope, _receive: Receive, send: Send) -> None:
    await asyncio.sleep(float(query(scope, "after", "0")))
    await answer(send, "not read")


async def streams(scope: Scope, _receive: Receive, send: Send) -> None:
    """The second part comes when the test has seen the first."""
    await start(send)
    await part(send, b"first,")
    await wait(scope, "first")
    await part(send, b"second", more=False)


async def bare(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Everything is left out that may be."""
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body"})


async def one_part(_scope: Scope, _receive: Receive, send: Send) -> None:
    await start(send)
    await part(send, b"one part", more=False)


async def sized(scope: Scope, _receive: Receive, send: Send) -> None:
    """A length, and that many bytes in parts."""
    size = int(query(scope, "size"))
    await start(send, length=size)
    for number in range(size):
        await part(send, b"%d" % (number % 10), more=number < size - 1)


async def status(scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": int(query(scope, "code"))})
    await send({"type": "http.response.body"})


async def enum_status(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": HTTPStatus.ACCEPTED})
    await send({"type": "http.response.body"})


async def headers(scope: Scope, _receive: Receive, send: Send) -> None:
    """Headers of the query string, in order: name:value, with | between them."""
    pairs = [pair.split(":", 1) for pair in query(scope, "set").split("|")]
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(name.encode(), value.encode()) for name, value in pairs],
        }
    )
    await part(send, b"body", more=False)


async def later(scope: Scope, _receive: Receive, send: Send) -> None:
    """Works on when the answer is complete."""
    await answer(send, "answered")
    await wait(scope, "still here")
    say(scope, "done")


async def held(scope: Scope, _receive: Receive, send: Send) -> None:
    """Sends until a send() does not come back; the test hears how much was taken by then."""
    await start(send)
    block = b"x" * 65536
    for number in range(512):
        sending = asyncio.ensure_future(part(send, block))
        done, _ = await asyncio.wait([sending], timeout=1)
        if not done:
            say(scope, f"{number * len(block)}")
        await sending
    await part(send, b"", more=False)
    say(scope, "all")


async def reads_a_little(scope: Scope, receive: Receive, send: Send) -> None:
    message = await receive()
    await wait(scope, f"{len(message['body']) > 0}")
    size = len(message["body"]) + len(await whole_body(receive))
    await answer(send, f"{size}")


app = routes(
    events,
    digest,
    echo,
    reads_after_the_gate,
    never_reads,
    streams,
    bare,
    one_part,
    sized,
    status,
    enum_status,
    headers,
    later,
    held,
    reads_a_little,
)
