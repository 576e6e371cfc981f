"""What every environ has in common, and the file objects in it."""

import io
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Protocol


class RequestTimeout(BaseException):
    """Raised in the middle of a request that took longer than --timeout-request.

    Like KeyboardInterrupt it is no Exception, so that no handler of errors eats it.
    """


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class FileWrapper:
    """wsgi.file_wrapper: an iterable over a file-like object's blocks."""

    def __init__(self, filelike: _Readable, block_size: int = 65536) -> None:
        self.filelike = filelike
        self.block_size = block_size
        if hasattr(filelike, "close"):
            self.close = filelike.close

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        block = self.filelike.read(self.block_size)
        if block:
            return block
        raise StopIteration

    def place(self) -> tuple[int, int] | None:
        """The descriptor and the position to send from; None if only Python can read the file."""
        file = _real_file(self.filelike)
        try:
            return None if file is None else (file.fileno(), file.tell())
        except (OSError, ValueError):
            return None


def _real_file(filelike: _Readable) -> io.IOBase | None:
    """The file of the system whose read method this is, perhaps by way of a proxy.

    That there is a descriptor says little: a GzipFile has one, of what it unpacks.
    """
    read = getattr(filelike.read, "__wrapped__", filelike.read)  # (as tempfile wraps it)
    file = getattr(read, "__self__", None)
    raw = file
    if isinstance(file, io.BufferedReader | io.BufferedRandom):
        if type(file).read not in (io.BufferedReader.read, io.BufferedRandom.read):
            return None
        raw = file.raw
    if isinstance(raw, io.FileIO) and type(raw).read is io.FileIO.read:
        return file
    return None


class _Arriving(io.RawIOBase):
    """A body that is read while it arrives."""

    def __init__(self, receive: Callable[[int], bytes]) -> None:
        self._receive = receive

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        received = self._receive(len(buffer))
        buffer[: len(received)] = received
        return len(received)


def arriving_body(receive: Callable[[int], bytes]) -> io.BufferedReader:
    """wsgi.input of a body that is read while it arrives; receive gives b"" at the end."""
    return io.BufferedReader(_Arriving(receive), 65536)


def stack(ident: int) -> str:
    """What a thread runs, the innermost call last; empty if it runs no Python code."""
    frame = sys._current_frames().get(ident)
    return "" if frame is None else "".join(traceback.format_stack(frame)).rstrip()


def base_environ(root_path: str, multithread: bool) -> dict[str, object]:
    """The part of the environ that is the same for each request."""
    return {
        "SCRIPT_NAME": root_path.encode().decode("latin-1"),  # as PATH_INFO is
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": multithread,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
        "wsgi.file_wrapper": FileWrapper,
        "SERVER_SOFTWARE": "sluice",
    }


def open_body(path: str) -> BinaryIO:
    """A body that waits in a temporary file, which is gone as soon as nobody has it open."""
    body = open(path, "rb")  # noqa: SIM115  # the application reads it
    if os.name == "posix":
        os.unlink(path)
    return body
