"""End with an exception that a hook of the program reports."""

import sys
from types import TracebackType


def hook(kind: type[BaseException], error: BaseException, tb: TracebackType | None) -> None:
    frames = []
    while tb is not None:
        frames.append(tb.tb_frame.f_code.co_name)
        tb = tb.tb_next
    print("hook", kind.__name__, error, frames, sys.last_value is error)


sys.excepthook = hook
raise KeyError("x")
