"""Bodies on their way in and out: read as the query says, sent as files and generators.

With gate=PORT in the query, the application tells the test how far it is, and waits there.
"""

import gzip
import io
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import IO, Any
from urllib.parse import quote
from wsgiref.types import StartResponse, WSGIEnvironment

from gates import query, say, wait

BLOCK = 65536
TEXT = ("Content-Type", "text/plain")


def text(start_response: StartResponse, body: object) -> list[bytes]:
    encoded = str(body).encode("latin-1")
    start_response("200 OK", [TEXT, ("Content-Length", str(len(encoded)))])
    return [encoded]


# In


def echo(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    return text(start_response, environ["wsgi.input"].read().decode("latin-1"))


def ignore(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    return text(start_response, "not read")


def size(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    return text(start_response, count(environ["wsgi.input"]))


def count(stream: Any) -> int:
    total = 0
    while block := stream.read(BLOCK):
        total += len(block)
    return total


def late(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Do not read before the test opens the gate."""
    wait(environ, "called")
    return text(start_response, count(environ["wsgi.input"]))


def upload(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Read a first block, then the rest when the gate opens; tell what became of it."""
    stream = environ["wsgi.input"]
    first = len(stream.read(1000))
    wait(environ, f"read {first}")
    try:
        rest = count(stream)
    except OSError as error:
        say(environ, f"{type(error).__name__}: {error}")
        raise
    say(environ, f"whole {first + rest}")
    return text(start_response, first + rest)


def early(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
    """Begin to answer before the body is read."""
    start_response("200 OK", [TEXT])
    yield b"begun "
    yield str(count(environ["wsgi.input"])).encode()


def read(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Read as ops says (read:5,readline,readinto:3,iter,...); a line for each result."""
    stream = environ["wsgi.input"]
    results = []
    for op in query(environ, "ops").split(","):
        name, _, argument = op.partition(":")
        arguments = [int(argument)] if argument else []
        if name in ("readinto", "readinto1"):
            buffer = bytearray(arguments[0])
            filled = getattr(stream, name)(buffer)
            result: Any = bytes(buffer[:filled])
        elif name == "iter":
            result = list(stream)
        elif name == "next":
            result = next(stream, b"")
        elif name == "lines":
            result = list(io.TextIOWrapper(stream, "latin-1", newline="\n"))
            result = [line.encode("latin-1") for line in result]
        elif name == "none":
            result = stream.read(None)
        else:
            result = getattr(stream, name)(*arguments)
        parts = result if isinstance(result, list) else [result]
        results.append("|".join(quote(part) for part in parts))
    return text(start_response, "\n".join(results))


def kind(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Tell what wsgi.input is, and whether it behaves as a file that is only read."""
    stream = environ["wsgi.input"]
    return text(
        start_response,
        f"{isinstance(stream, io.IOBase)} {stream.readable()} {stream.closed}"
        f" {environ['wsgi.input_terminated']}",
    )


kept: list[Any] = []


def keep(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Keep the input and the callables beyond the request."""
    write = start_response("200 OK", [TEXT, ("Content-Length", "4")])
    kept[:] = [environ["wsgi.input"], start_response, write, environ["wsgi.early_hints"]]
    return [b"kept"]


def use_kept(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Use what another request has left behind."""
    stream, start, write, hints = kept
    uses: list[Callable[[], object]] = [
        lambda: stream.read(1),
        lambda: start("200 OK", [TEXT]),
        lambda: write(b"late"),
        lambda: hints([TEXT]),
    ]
    return text(start_response, "\n".join(outcome(use) for use in uses))


def outcome(use: Callable[[], object]) -> str:
    try:
        return repr(use())
    except Exception as error:
        return f"{type(error).__name__}: {error}"


# Out


class Proxy:
    """Like a file by delegation, as frameworks and tempfile make them."""

    def __init__(self, file: Any) -> None:
        self.file = file

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)


class Shouting(io.FileIO):
    """A real file that gives other bytes than are in it."""

    def read(self, size: int | None = -1, /) -> bytes:
        return (super().read(size) or b"").upper()


class Plain:
    """The least that a file has to have."""

    def __init__(self, content: bytes) -> None:
        self.stream = io.BytesIO(content)

    def read(self, size: int) -> bytes:
        return self.stream.read(size)


OPENERS: dict[str, Callable[[str], Any]] = {
    "plain": partial(open, mode="rb"),
    "unbuffered": partial(open, mode="rb", buffering=0),
    "both": partial(open, mode="r+b"),
    "proxy": lambda path: Proxy(OPENERS["plain"](path)),
    "gzip": gzip.open,
    "gzip proxy": lambda path: Proxy(OPENERS["gzip"](path)),
    "shouting": Shouting,
    "text": partial(open, encoding="ascii"),
    "memory": lambda path: io.BytesIO(contents(path)),
    "read only": lambda path: Plain(contents(path)),
}


def contents(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def file(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Send a file by the wrapper: opened as=..., from seek=..., with length=... declared."""
    opened: IO[Any] = OPENERS[query(environ, "as", "plain")](query(environ, "path"))
    if skipped := query(environ, "seek"):
        opened.seek(int(skipped))
    if begun := query(environ, "read"):
        opened.read(int(begun))
    headers = [TEXT]
    if declared := query(environ, "length"):
        headers.append(("Content-Length", declared))
    start_response(query(environ, "status", "200 OK"), headers)
    wrapper: Callable[..., Iterable[bytes]] = environ["wsgi.file_wrapper"]
    return wrapper(opened)


class Blocks:
    """So many bytes of blocks; tells the test when it is closed."""

    def __init__(self, environ: WSGIEnvironment, total: int) -> None:
        self.environ = environ
        self.left = total

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self.left <= 0:
            raise StopIteration
        block = b"x" * min(BLOCK, self.left)
        self.left -= len(block)
        return block

    def close(self) -> None:
        if query(self.environ, "gate"):
            say(self.environ, f"closed, {self.left} left")


def blocks(environ: WSGIEnvironment, start_response: StartResponse) -> Blocks:
    total = query(environ, "size")
    start_response("200 OK", [TEXT, ("Content-Length", total)])
    return Blocks(environ, int(total))


def generator(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
    """Yield until the client has gone; tell how it ends."""
    start_response("200 OK", [TEXT])
    try:
        while True:
            yield b"x" * BLOCK
    except GeneratorExit:
        say(environ, "GeneratorExit")
        raise


def writes(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Write until the client has gone; tell how it ends."""
    write = start_response("200 OK", [TEXT])
    try:
        while True:
            write(b"x" * BLOCK)
    except OSError as error:
        say(environ, type(error).__name__)
        raise


def hints(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Send early hints, twice; then those that are wrong; then the answer."""
    early_hints: Callable[[Any], object] = environ["wsgi.early_hints"]
    link = ("Link", "</style.css>; rel=preload; as=style")
    early_hints([link])
    early_hints([link, ("Link", "</app.js>; rel=preload; as=script"), ("Content-Length", "3")])
    wrong: list[Any] = [
        None,
        [("Link", "a\r\nX-Injected: 1")],
        [("Link\r\nX-Injected", "1")],
        [("Connection", "close")],
        [("Link", b"bytes")],
        [("Link",)],
    ]
    outcomes = [outcome(lambda each=each: early_hints(each)).partition(":")[0] for each in wrong]
    return text(start_response, " ".join(outcomes))


def late_hints(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    start_response("200 OK", [TEXT])(b"begun ")
    early_hints: Callable[[Any], object] = environ["wsgi.early_hints"]
    early_hints([("Link", "</style.css>; rel=preload; as=style")])
    return [b"and ended"]


def alive(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    return text(start_response, "alive")


HANDLERS: dict[str, Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]] = {
    f"/{handler.__name__}": handler
    for handler in (
        echo,
        ignore,
        size,
        late,
        upload,
        early,
        read,
        kind,
        keep,
        use_kept,
        file,
        blocks,
        generator,
        writes,
        hints,
        late_hints,
        alive,
    )
}


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    return HANDLERS[str(environ["PATH_INFO"])](environ, start_response)
