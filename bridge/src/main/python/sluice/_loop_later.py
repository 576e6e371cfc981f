"""What programs get that may use asyncio, and must not pay for it if they do not."""

import importlib
import sys
from collections.abc import Callable
from typing import Any, Literal

from sluice._after_import import AfterImport


class Default:
    """What loops of ours get where nobody says otherwise."""

    wrong_thread: Literal["raise", "repair"] = "raise"
    #: Whether the caller must not sleep in Java: a microthread, which waits in Python only.
    is_plain: Callable[[], bool] = staticmethod(lambda: False)


def install(ours: bool, policy: Literal["raise", "repair"]) -> None:
    """Says whether asyncio makes loops of ours, and what those do about wrong threads; once, before
    asyncio is imported."""
    Default.wrong_thread = policy
    if ours and sys.platform != "win32":
        sys.meta_path.insert(0, AfterImport("asyncio.unix_events", _use_ours))


def _use_ours(unix_events: Any) -> None:
    policy = getattr(unix_events, "_DefaultEventLoopPolicy", None)  # from 3.14 on
    if policy is None:
        policy = unix_events.DefaultEventLoopPolicy
    policy._loop_factory = staticmethod(_new_loop)


def _new_loop() -> Any:
    return importlib.import_module("sluice._loop_default").new_event_loop()
