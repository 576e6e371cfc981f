"""Applications that together use every rule of PEP 3333, each inside wsgiref's validator.

A name in the path picks one. Those under RAW break a rule on purpose, or call what the validator
does not allow an application to call, and so stand outside it.
"""

import collections
import io
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import quote
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment
from wsgiref.validate import validator

from gates import query, say, wait

TEXT = ("Content-Type", "text/plain; charset=latin-1")

closed: "collections.Counter[str]" = collections.Counter()


class DeliberateError(Exception):
    """Raised on purpose; whatever else the log shows is a defect."""


class Body:
    """An iterable that counts how often it is closed, under the name in the query string."""

    def __init__(self, environ: WSGIEnvironment, chunks: Iterable[bytes]) -> None:
        self.environ = environ
        self.chunks = iter(chunks)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self.chunks)

    def close(self) -> None:
        name = query(self.environ, "name")
        closed[name] += 1
        if query(self.environ, "gate"):
            say(self.environ, f"closed {closed[name]}")


def text(start_response: StartResponse, body: str) -> list[bytes]:
    encoded = body.encode("latin-1")
    start_response("200 OK", [TEXT, ("Content-Length", str(len(encoded)))])
    return [encoded]


# What the application is told


def show_environ(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Every entry on a line: name, type, value, the latter percent-encoded."""
    lines = (
        f"{key}\t{type(value).__name__}\t{quote(str(value), encoding='latin-1', errors='replace')}"
        for key, value in environ.items()
    )
    return text(start_response, "\n".join(lines))


def read_input(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Read as the query string says (ops=read:5,readline,iter); a line for each result."""
    stream = environ["wsgi.input"]
    results = []
    for op in query(environ, "ops").split(","):
        name, _, size = op.partition(":")
        if name == "iter":
            result: Any = list(stream)
        elif name == "next":
            result = next(iter(stream), b"")
        else:
            result = getattr(stream, name)(*([int(size)] if size else []))
        parts = result if isinstance(result, list) else [result]
        results.append("|".join(quote(part) for part in parts))
    return text(start_response, "\n".join(results))


def errors(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    stream = environ["wsgi.errors"]
    stream.write("written: caf\xe9 \u20ac\n")
    stream.writelines(["line one\n", "line two\n"])
    stream.flush()
    return text(start_response, "")


# Bodies


def write_only(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    write = start_response("200 OK", [TEXT])
    write(b"one ")
    write(b"")
    write(b"two")
    return []


def write_then_iterable(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    write = start_response("200 OK", [TEXT])
    write(b"written ")
    return [b"and ", b"returned"]


def write_with_length(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    write = start_response("200 OK", [TEXT, ("Content-Length", "6")])
    write(b"abc")
    write(b"def")
    return []


def write_is_not_kept_back(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    write = start_response("200 OK", [TEXT])
    write(b"first")
    wait(environ, "between")
    write(b"second")
    return []


def exc_info_before(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    start_response("200 OK", [TEXT, ("X-Old", "1")])
    try:
        raise DeliberateError("before the headers are sent")
    except DeliberateError:
        start_response("503 Changed", [TEXT, ("X-New", "1")], sys.exc_info())
    return [b"an error page"]


def exc_info_first(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    try:
        raise DeliberateError("before anything")
    except DeliberateError:
        start_response("500 Failed", [TEXT], sys.exc_info())
    return [b"an error page"]


def exc_info_after(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
    start_response("200 OK", [TEXT])
    yield b"begun"
    try:
        raise DeliberateError("after the headers were sent")
    except DeliberateError:
        start_response("500 Failed", [TEXT], sys.exc_info())
    yield b"never"


def generator(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
    """start_response is called only when the first block is asked for."""
    start_response("200 OK", [TEXT])
    yield b""
    yield b"one "
    yield b""
    yield b"two"


def several(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    start_response("200 OK", [TEXT])
    return [b"a", b"bc", b"", b"def"]


def single(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    start_response("200 OK", [TEXT])
    return [b"just one"]


def empty(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
    start_response("200 OK", [TEXT])
    return iter(())


def tuple_of_bytes(_environ: WSGIEnvironment, start_response: StartResponse) -> tuple[bytes, bytes]:
    start_response("200 OK", [TEXT])
    return (b"a ", b"tuple")


def closing(environ: WSGIEnvironment, start_response: StartResponse) -> Body:
    start_response("200 OK", [TEXT])
    return Body(environ, [b"x"] * int(query(environ, "chunks", "3")))


def closing_on_error(environ: WSGIEnvironment, start_response: StartResponse) -> Body:
    start_response("200 OK", [TEXT])

    def failing() -> Iterator[bytes]:
        yield b"begun"
        raise DeliberateError("in the middle of the iteration")

    return Body(environ, failing())


def closing_endless(environ: WSGIEnvironment, start_response: StartResponse) -> Body:
    start_response("200 OK", [TEXT])

    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 65536

    return Body(environ, endless())


def show_closed(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    return text(start_response, str(closed[query(environ, "name")]))


def stays_on_its_thread(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
    start_response("200 OK", [TEXT])
    home = threading.get_ident()
    for _ in range(int(query(environ, "chunks", "50"))):
        yield b"." if threading.get_ident() == home else b"!"


# Files


class CountingFile(io.FileIO):
    """A real file that counts how often it was closed, under its own path."""

    def close(self) -> None:
        if not self.closed:
            closed[str(self.name)] += 1
        super().close()


class CountingBytes(io.BytesIO):
    """Like a file, but without a descriptor."""

    def close(self) -> None:
        if not self.closed:
            closed["bytes"] += 1
        super().close()


def opened(environ: WSGIEnvironment) -> io.RawIOBase | io.BufferedIOBase:
    path = query(environ, "file")
    file = CountingFile(path) if path else CountingBytes(b"0123456789" * 1000)
    file.seek(int(query(environ, "seek", "0")))
    return file


def with_wrapper(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    headers = [TEXT]
    if length := query(environ, "length"):
        headers.append(("Content-Length", length))
    start_response("200 OK", headers)
    wrapper: Callable[..., Iterable[bytes]] = environ["wsgi.file_wrapper"]
    return wrapper(opened(environ), 8192) if query(environ, "block") else wrapper(opened(environ))


def without_wrapper(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
    start_response("200 OK", [TEXT])
    with opened(environ) as file:
        while block := file.read(8192):
            yield block


# Headers and status


def latin1_header(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    start_response("200 Caf\xe9", [TEXT, ("X-Name", "caf\xe9"), ("X-Many", "1"), ("X-Many", "2")])
    return [b""]


def own_date(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    start_response("200 OK", [TEXT, ("Date", "Thu, 01 Jan 1970 00:00:00 GMT"), ("Server", "mine")])
    return [b""]


def no_content(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    start_response("204 No Content", [])
    return []


def not_modified(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    start_response("304 Not Modified", [("ETag", '"1"')])
    return []


def body_where_none_may_be(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    start_response(query(environ, "status"), [("ETag", '"1"')])
    return [b"must not ", b"be sent"]


def too_short(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    start_response("200 OK", [TEXT, ("Content-Length", "10")])
    return [b"12345"] if query(environ, "single") else [b"123", b"45"]


def too_long(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    start_response("200 OK", [TEXT, ("Content-Length", "5")])
    return [b"1234567890"] if query(environ, "single") else [b"123", b"4567890"]


def started_twice(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    start_response("200 OK", [TEXT])
    start_response("200 OK", [TEXT])
    return [b"never"]


def never_started(environ: WSGIEnvironment, _start_response: StartResponse) -> Iterable[bytes]:
    return [] if query(environ, "empty") else [b"never"]


VALIDATED: dict[str, WSGIApplication] = {
    "environ": show_environ,
    "input": read_input,
    "errors": errors,
    "write-only": write_only,
    "write-then-iterable": write_then_iterable,
    "write-with-length": write_with_length,
    "write-is-not-kept-back": write_is_not_kept_back,
    "exc-info-before": exc_info_before,
    "exc-info-first": exc_info_first,
    "exc-info-after": exc_info_after,
    "generator": generator,
    "several": several,
    "single": single,
    "empty": empty,
    "tuple": tuple_of_bytes,
    "closing": closing,
    "closing-on-error": closing_on_error,
    "closing-endless": closing_endless,
    "closed": show_closed,
    "stays-on-its-thread": stays_on_its_thread,
    "with-wrapper": with_wrapper,
    "without-wrapper": without_wrapper,
    "latin1-header": latin1_header,
    "own-date": own_date,
    "no-content": no_content,
    "not-modified": not_modified,
}
RAW: dict[str, WSGIApplication] = {
    "raw-input": read_input,
    "raw-wrapper": with_wrapper,
    "raw-closing": closing,
    "raw-single": single,
    "body-where-none-may-be": body_where_none_may_be,
    "too-short": too_short,
    "too-long": too_long,
    "started-twice": started_twice,
    "never-started": never_started,
}
APPS: dict[str, WSGIApplication] = RAW | {
    name: validator(application) for name, application in VALIDATED.items()
}


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    name = str(environ["PATH_INFO"]).strip("/").partition("/")[0]
    return APPS.get(name, APPS["environ"])(environ, start_response)
