"""What every environ has in common, and the file objects in it."""

import os
import sys
from collections.abc import Iterator
from typing import BinaryIO, Protocol


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


def base_environ(root_path: str, multithread: bool) -> dict[str, object]:
    """The part of the environ that is the same for each request."""
    return {
        "SCRIPT_NAME": root_path,
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
