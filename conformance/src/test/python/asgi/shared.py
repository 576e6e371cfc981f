"""What the frameworks' applications have in common: each does the same things in its own way."""

import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from plain import Scope, say, wait


class DeliberateError(Exception):
    """Raised by a view."""


def digest(content: bytes) -> dict[str, Any]:
    return {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


async def digest_of_stream(parts: AsyncIterator[bytes]) -> dict[str, Any]:
    size = 0
    hashed = hashlib.sha256()
    async for part in parts:
        size += len(part)
        hashed.update(part)
    return {"size": size, "sha256": hashed.hexdigest()}


async def rows(count: int) -> AsyncIterator[str]:
    for number in range(count):
        yield f"{number},{number * number}\n"


async def events(scope: Scope) -> AsyncIterator[str]:
    """The second one is sent when the test has read the first."""
    yield "data: one\n\n"
    await wait(scope, "one is sent")
    yield "data: two\n\n"


async def background(scope: Scope) -> None:
    await wait(scope, "working")
    say(scope, "done")


def stopped(name: str) -> None:
    Path(os.environ["LIFESPAN_FILE"]).write_text(f"{name} has stopped")
