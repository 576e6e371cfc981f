"""Where blocking calls are done in the place of a guarded thread."""

from typing import Any


def current() -> Any:
    """The microthread that this is, or None: there are none yet."""
    return None
