"""Uses the extensions of the ASGI specification."""

import contextlib
import os
import tempfile
from pathlib import Path

from plain import Receive, Scope, Send, answer, part, query, routes, say, start

FOLDER = tempfile.mkdtemp()
FILE = Path(FOLDER, "numbers")
FILE.write_text("".join(f"{number:07}\n" for number in range(100_000)))


async def names(scope: Scope, _receive: Receive, send: Send) -> None:
    await answer(send, " ".join(sorted(scope["extensions"])))


async def path(scope: Scope, _receive: Receive, send: Send) -> None:
    await start(send)
    await send({"type": "http.response.pathsend", "path": query(scope, "path", str(FILE))})


async def path_with_length(_scope: Scope, _receive: Receive, send: Send) -> None:
    await start(send, length=FILE.stat().st_size)
    await send({"type": "http.response.pathsend", "path": str(FILE)})


async def path_and_body(_scope: Scope, _receive: Receive, send: Send) -> None:
    await start(send)
    await send({"type": "http.response.pathsend", "path": str(FILE)})
    try:
        await part(send, b"more", more=False)
    except RuntimeError:
        RAISED.append("RuntimeError")


RAISED: list[str] = []


async def raised(_scope: Scope, _receive: Receive, send: Send) -> None:
    await answer(send, " ".join(RAISED))


async def zero_copy(scope: Scope, _receive: Receive, send: Send) -> None:
    """Parts of a file between ordinary ones."""
    await start(send)
    await part(send, b"begin|")
    with FILE.open("rb") as file:
        await send(
            {
                "type": "http.response.zerocopysend",
                "file": file,
                "offset": 8,
                "count": 16,
                "more_body": True,
            }
        )
        await part(send, b"|")
        file.seek(-8, os.SEEK_END)
        await send({"type": "http.response.zerocopysend", "file": file, "more_body": True})
    await part(send, b"|end", more=False)


async def zero_copy_whole(_scope: Scope, _receive: Receive, send: Send) -> None:
    """The file may be closed as soon as send() is back."""
    await start(send, length=FILE.stat().st_size)
    with FILE.open("rb") as file:
        await send({"type": "http.response.zerocopysend", "file": file})


async def hints(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send(
        {
            "type": "http.response.early_hint",
            "links": [b"</style.css>; rel=preload; as=style", b"</app.js>; rel=preload"],
        }
    )
    await answer(send, "hinted")


async def trailers(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"trailer", b"x-sum, x-end")],
            "trailers": True,
        }
    )
    await part(send, b"some ")
    await part(send, b"text", more=False)
    await send(
        {
            "type": "http.response.trailers",
            "headers": [(b"x-sum", b"9")],
            "more_trailers": True,
        }
    )
    await send({"type": "http.response.trailers", "headers": [(b"x-end", b"yes")]})


async def pushes(_scope: Scope, _receive: Receive, send: Send) -> None:
    await start(send)
    await send(
        {
            "type": "http.response.push",
            "path": "/pushed?n=1",
            "headers": [(b"x-pushed", b"yes")],
        }
    )
    await part(send, b"pushing", more=False)


async def pushed(scope: Scope, _receive: Receive, send: Send) -> None:
    await answer(send, f"{scope['method']} {dict(scope['headers']).get(b'x-pushed', b'')!r}")


async def tls(scope: Scope, _receive: Receive, send: Send) -> None:
    told = scope["extensions"].get("tls")
    if told is None:
        await answer(send, "none")
        return
    told = told | {"client_cert_chain": [str(each) for each in told["client_cert_chain"]]}
    lines = [f"scheme\t{scope['scheme']}"]
    lines += [f"{key}\t{value!r}" for key, value in told.items()]
    await answer(send, "\n".join(lines))


async def slow_path(scope: Scope, _receive: Receive, send: Send) -> None:
    """The client goes away while the file is on its way."""
    vast = Path(FOLDER, "vast")
    with vast.open("wb") as file:
        file.truncate(1 << 30)
    await start(send)
    say(scope, "in")
    with contextlib.suppress(OSError):
        await send({"type": "http.response.pathsend", "path": str(vast)})
    say(scope, "out")


app = routes(
    names,
    path,
    path_with_length,
    path_and_body,
    raised,
    zero_copy,
    zero_copy_whole,
    hints,
    trailers,
    pushes,
    pushed,
    tls,
    slow_path,
)
