"""Who made a blocking call: the innermost frame of user code, and what lies between."""

import asyncio
import os
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Callable
from types import CodeType, FrameType

from sluice import _guard_places
from sluice._guard_catalogue import Call

#: What the replacements of blocking calls say that they are from.
GENERATED = "<sluice guard>"

USER = 1
#: Code between user code and the call, as threading or queue: not where to look for the cause.
WRAPPER = 2
#: Code that may block: asyncio's loop itself, the guard, what writes logs and tracebacks.
TRUSTED = 3

_STDLIB = tuple(
    os.path.realpath(path) + os.sep
    for path in {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")}
    if path
)
_STDLIB_AS_WRITTEN = tuple(
    os.path.normpath(path) + os.sep
    for path in {sysconfig.get_path("stdlib"), os.path.dirname(os.__file__)}
    if path
)
_SITES = tuple(f"{os.sep}{name}{os.sep}" for name in ("site-packages", "dist-packages"))
_ASYNCIO = os.path.dirname(asyncio.__file__) + os.sep
_SLUICE = os.path.dirname(__file__) + os.sep
#: What writes logs and tracebacks reads source files, and takes its own locks.
_TRUSTED_NAMES = ("linecache.py", "traceback.py", "warnings.py", f"logging{os.sep}__init__.py")
#: Of ours: what waits for those who call it.
_WAITS_FOR_CALLER = ("_queue_", "_safe_queue", "_blocking_", "crochet", "_deferreds", "java.py")

#: What decorates functions for the guard: none of its business who is called through it.
_DECORATORS = _SLUICE + "_guard_decorators.py"

#: It waits until the new thread is there, for microseconds, and nobody can help that.
_STARTS_THREAD = threading.Thread.start.__code__

#: Once the child is there, it asks whether that could begin: part of subprocess.Popen, as a call.
_STARTS_CHILD: CodeType = subprocess.Popen._execute_child.__code__  # type: ignore[attr-defined]
_OF_STARTING_CHILD = frozenset({"os.read", "os.waitpid"})

#: Those of asyncio and Sluice that call what somebody has given to a loop, with nothing between: a
#: handle's, a loop's, a task's, and that below which a loop of C's runs.
_CALLS_BACK = frozenset(
    {
        "Handle._run",
        "Loop._pass",
        "Loop.run_handle",
        "Loop._run_calls",
        "Runner.run",
        "Task.__step",
        "Task.__step_run_and_handle_result",
    }
)

_MANY = 10_000
_kinds: dict[str, int] = {GENERATED: WRAPPER}


def _kind(filename: str) -> int:
    if filename.startswith("<frozen "):
        return TRUSTED if "importlib" in filename else WRAPPER
    if filename.startswith(_ASYNCIO):
        return TRUSTED
    if filename == _DECORATORS:
        return WRAPPER
    if filename.startswith(_SLUICE):
        name = filename[len(_SLUICE) :]
        return WRAPPER if name.startswith(_WAITS_FOR_CALLER) else TRUSTED
    if filename.startswith(_STDLIB + _STDLIB_AS_WRITTEN) and not any(
        name in filename for name in _SITES
    ):
        return TRUSTED if filename.endswith(_TRUSTED_NAMES) else WRAPPER
    return USER


def _learn(filename: str) -> int:
    if len(_kinds) > _MANY:
        _kinds.clear()
    kind = _kinds[filename] = _kind(filename)
    return kind


class Site:
    """A place in user code that calls something that blocks; or a callback of a loop that does so
    without any user code."""

    __slots__ = (
        "_codes",
        "chain",
        "code",
        "count",
        "frames",
        "generation",
        "id",
        "policy",
        "text",
        "uses",
    )

    def __init__(self, call: str, frames: list[FrameType], is_callback: bool = False) -> None:
        """is_callback says that the last frame is the loop's."""
        #: Kept, so that no other code object gets the number of one of these.
        self._codes: tuple[CodeType, ...] = tuple(each.f_code for each in frames)
        #: The user code, if it calls without anything between.
        self.code: CodeType | None = None
        #: For rules: module, file, line and function of each frame, the innermost first.
        self.frames = tuple(
            (
                str(each.f_globals.get("__name__")),
                each.f_code.co_filename,
                each.f_lineno,
                each.f_code.co_qualname,
            )
            for each in frames
            if each.f_code.co_filename not in (GENERATED, _DECORATORS)
        )
        self.chain = tuple(f"{file}:{line} in {name}" for _, file, line, name in self.frames)
        if is_callback:
            called = self.frames[-2] if len(self.frames) > 1 else None
            name = f"{called[0]}.{called[3]}" if called else call
            self.chain = (*self.chain[:-1], f"a callback of the loop: {name}")
        self.text = self.chain[-1] if self.chain else "Java code"
        #: What set_site takes.
        self.id = f"{call} at {self.text}"
        self.policy = ""
        #: Counts the calls that a rule decides.
        self.uses = _guard_places.UNCOUNTED
        #: The settings that the policy was found by.
        self.generation = -1
        #: How often the call was seen here.
        self.count = 0


_known: dict[tuple[object, ...], Site] = {}
#: Those where user code calls without anything between: by the call, the code and the place in it.
direct: dict[tuple[Call, int, int], Site] = {}


class LetBe:
    """Where user code may make a call whatever its arguments, without anything between.

    The places are replaced as a whole when rules change. Who adds one takes them before it looks
    at the rules: what it has found out by those of before is then lost with the places of before.
    """

    __slots__ = ("places",)

    def __init__(self) -> None:
        self.places = _guard_places.none()


_let_be: dict[Call, LetBe] = {}


def let_be(call: Call) -> LetBe:
    """Where one call is let be; always the same object."""
    return _let_be.get(call) or _let_be.setdefault(call, LetBe())


def forget() -> None:
    """Rules are others than they were: no call is let be before they are asked."""
    for each in list(_let_be.values()):
        each.places = _guard_places.none()


def find(call: Call, frame: FrameType | None, is_import: bool = False) -> Site | None:
    """Where the call comes from that was made in a frame; None if by code that may block."""
    while is_import and frame is not None and kind_of(frame) == TRUSTED:
        frame = frame.f_back
    innermost = frame
    key: list[object] = [call.name]
    frames = []
    is_callback = False
    while frame is not None:
        code = frame.f_code
        kind = _kinds.get(code.co_filename) or _learn(code.co_filename)
        if kind == TRUSTED:
            if frame.f_code.co_filename.startswith(_SLUICE) and _is_runner(frame):
                break
            if is_import or code.co_qualname not in _CALLS_BACK:
                return None
            is_callback = True
        elif code is _STARTS_THREAD or (
            code is _STARTS_CHILD and frame is innermost and call.name in _OF_STARTING_CHILD
        ):
            return None
        frames.append(frame)
        key.append(id(code))
        key.append(frame.f_lasti)
        if kind == USER:
            if is_import and code.co_name == "<module>" and _is_importing(frame.f_back):
                return None  # part of an import that was seen
            break
        if is_callback:
            break
        frame = frame.f_back
    place = tuple(key)
    site = _known.get(place)
    if site is None:
        if len(_known) > _MANY:
            _known.clear()
            direct.clear()
        site = _known[place] = Site(call.name, frames, is_callback)
        if len(frames) == 1 and frames[0] is innermost:
            site.code = innermost.f_code
            direct[call, id(innermost.f_code), innermost.f_lasti] = site
    return site


def kind_of(frame: FrameType) -> int:
    """Whose code a frame runs."""
    filename = frame.f_code.co_filename
    return _kinds.get(filename) or _learn(filename)


def _is_runner(frame: FrameType) -> bool:
    """Whether all below is the standard library, run as the program: python -m http.server."""
    return frame.f_code.co_filename.endswith("_run.py")


def _is_importing(frame: FrameType | None) -> bool:
    return frame is not None and frame.f_code.co_filename.startswith("<frozen importlib")


caller: Callable[[int], FrameType] = sys._getframe
