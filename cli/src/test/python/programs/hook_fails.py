"""End with an exception, and with another one in the hook."""

import sys
from types import TracebackType


def hook(kind: type[BaseException], error: BaseException, tb: TracebackType | None) -> None:
    raise ValueError("in the hook")


sys.excepthook = hook
raise KeyError("x")
