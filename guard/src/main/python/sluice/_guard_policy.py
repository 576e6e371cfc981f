"""What becomes of a call that could block the thread it is made on."""

import _thread
import logging
import threading
import time
from asyncio import _get_running_loop
from collections.abc import Callable
from typing import Any

from sluice import _guard_door, _guard_places, _guard_sites
from sluice._guard_catalogue import IMPORT, TABLE, Call
from sluice._guard_errors import BlockingCallError
from sluice._guard_farm import UNDONE, Farmed, attempts, kinds
from sluice._guard_rules import Policy, Rule, allowed
from sluice._guard_sites import Site

running = _get_running_loop
now = time.perf_counter_ns
logger = logging.getLogger("sluice.guard")

#: The number of the thread, also where a microthread has one of its own.
thread_ident: Callable[[], int] = _guard_door.copy(_thread.get_ident)

#: Threads that are guarded although no loop runs on them, and by how many blocks; and under the
#: negative number of a thread the microthread that runs there now.
watched: dict[int, Any] = {}

#: Threads on which the guard itself is at work.
_busy: set[int] = set()

_Note = Callable[[int], None]
_NOTHING: dict[str, Any] = {}


class Settings:
    """What is guarded, and how; replaced as a whole, so that nobody sees half of it."""

    generation = 0

    def __init__(self, policies: dict[str, Policy]) -> None:
        #: Of each category that is guarded.
        self.policies = policies


#: None while no guard is installed.
settings: Settings | None = None
rules: list[Rule] = []
_by_site: dict[str, Policy] = {}
#: Twice as many as may be set from outside.
_MOST_SITES = 20_000


def configure(new: Settings | None) -> None:
    global settings  # noqa: PLW0603
    settings = new
    changed()


def changed() -> None:
    """Rules are others than they were: places that are known ask again."""
    Settings.generation += 1
    _guard_sites.forget()
    attempts.clear()
    if settings is not None and not rules and not _by_site:
        for call in TABLE:
            if call.name in kinds and settings.policies.get(call.category) == "farm":
                attempts[call] = kinds[call.name]


def set_site(site: str, policy: Policy | None) -> None:
    """What becomes of a call at one place; None leaves that to rules and categories."""
    if policy is None:
        _by_site.pop(site, None)
    elif site in _by_site or len(_by_site) < _MOST_SITES:
        _by_site[site] = policy
    else:
        raise RuntimeError(
            f"{_MOST_SITES} places have a policy of their own; use sluice.guard.rule, which may"
            " name many at once"
        )
    changed()


class Quietly:
    """Whatever a thread does within is not guarded: it is the guard's own doing."""

    __slots__ = ("_ident", "_outer")

    def __enter__(self) -> None:
        self._ident = thread_ident()
        self._outer = self._ident in _busy
        _busy.add(self._ident)

    def __exit__(self, *error: object) -> None:
        if not self._outer:
            _busy.discard(self._ident)


def judge(
    call: Call, depth: int = 2, asks: Any = None, args: Any = (), kwargs: Any = None
) -> _Note | Farmed | None:
    """Raises if the call must not be made; else says whom to tell how long it took, if anybody, or
    that it is to suspend a microthread.

    depth is the number of frames to the one that makes the call; asks gets its arguments, and says
    whether it cannot wait.
    """
    current = settings
    ident = thread_ident()
    microthread = watched.get(-ident)
    if current is None or ident in _busy:
        return None
    if microthread is None and running() is None and ident not in watched:
        return None
    entries = [each for each in allowed.get() if each.is_open and each.pattern.means(call)]
    if entries and entries[0].pattern.anywhere:
        next(entries[0].uses)
        return None
    frame = _guard_sites.caller(depth)
    places = _guard_sites.let_be(call).places  # taken before the rules are looked at
    site = _guard_sites.direct.get((call, id(frame.f_code), frame.f_lasti))
    if site is None:
        site = _guard_sites.find(call, frame, call is IMPORT)
        if site is None:
            if any(each.pattern.anywhere for each in entries):
                return None
            return _unseen(call, current, microthread, frame)
    for entered in entries:
        if entered.fits(call, site, frame.f_lasti):
            next(entered.uses)
            return None
    if site.generation != Settings.generation:
        _resolve(call, site, current)
    next(site.uses)
    policy = site.policy
    if policy == "off":
        if site.code is not None:
            _guard_places.add(places, site.code, frame.f_lasti, site.uses)
        return None
    if asks is not None and asks(*args, **kwargs or _NOTHING):
        return None
    if policy == "farm" and microthread is not None and running() is None:
        return _farm(call, microthread, site, frame)
    if policy == "report":
        return lambda nanos: _report(call, site, nanos)
    with Quietly():
        error = BlockingCallError(
            call.name, call.category, site.text, _whom(), site.chain, policy == "farm"
        )
        _see(call, site, 0)
    raise error


def unguarded() -> bool:
    """Whether this thread, which runs no loop, is none of those that are watched."""
    ident = thread_ident()
    return ident not in watched and -ident not in watched


def microthread() -> Any:
    """The microthread that runs on this thread now, or None."""
    return watched.get(-thread_ident())


def _farm(call: Call, microthread: Any, site: Site, frame: Any) -> _Note | Farmed | None:
    """The call suspends the microthread, if that is possible here."""
    if call is IMPORT or call.farm == "here":
        return None
    obstacle = microthread.obstacle()
    if call.category == "signals":
        obstacle = "it is for threads"
    if obstacle is None:
        where = site.text if site.chain else "the microthread's own function"
        return Farmed(call, microthread, where, frame.f_code)
    return lambda nanos: _report(call, site, nanos, f" It could not suspend: {obstacle}.")


def _unseen(call: Call, current: Settings, microthread: Any, frame: Any) -> Farmed | None:
    """A call of code that may block. What it waits for may be another microthread's, or it is the
    loop's that a microthread runs: so it is suspended."""
    if microthread is None or current.policies.get(call.category) != "farm":
        return None
    is_loops = running() is not None
    wanted = call.category == "select" if is_loops else call.farm == "lock"
    if not wanted or microthread.obstacle() is not None:
        return None
    code = frame.f_code
    return Farmed(call, microthread, f"{code.co_filename}:{frame.f_lineno}", code)


def farms(category: str) -> bool:
    """Whether calls of a category suspend microthreads."""
    return settings is not None and settings.policies.get(category) == "farm"


def _resolve(call: Call, site: Site, current: Settings) -> None:
    generation = Settings.generation
    current = settings or current  # those of this generation, or later ones
    uses = _guard_places.UNCOUNTED
    policy = _by_site.get(site.id)
    if policy is None:
        for rule in tuple(rules):
            if rule.pattern.means(call) and rule.pattern.fits(site):
                uses = rule.usage.uses
                policy = rule.policy
                break
    if policy is None:
        policy = current.policies.get(call.category, "off")
    site.uses = uses
    site.policy = policy
    site.generation = generation


def _whom() -> str:
    """The thread, and the loop if it runs one."""
    thread = threading._active.get(thread_ident())  # type: ignore[attr-defined]
    name = repr(thread.name) if thread is not None else str(thread_ident())
    loop: Any = running()
    inner = microthread()
    if inner is not None:
        return f"the microthread {inner.get_name()!r} and its loop on thread {name}"
    if loop is None:
        return f"thread {name}, which is guarded"
    kind = type(loop)
    return f"the loop ({kind.__module__}.{kind.__qualname__}) of thread {name}"


def _see(call: Call, site: Site, nanos: int) -> None:
    site.count += 1
    _guard_door.seen(
        call.name,
        call.category,
        site.text,
        _whom(),
        site.policy,
        nanos,
        "\n".join(site.chain),
    )


def _report(call: Call, site: Site, nanos: int, why: str = "") -> None:
    with Quietly():
        _see(call, site, nanos)
        if site.count == 1:
            through = ", ".join(site.chain[:-1])
            logger.warning(
                "%s has blocked %s for %.3f ms. It was called at %s%s.%s Further calls from there"
                ' are only counted: sluice.guard.report(). To allow it: sluice.guard.allow("%s")',
                call.name,
                _whom(),
                nanos / 1e6,
                site.text,
                f" (by {through})" if through else "",
                why,
                call.name,
            )


def attempted(call: Call, original: Any, args: tuple[Any, ...]) -> Any:
    """What comes of a call that a microthread makes and that need not wait; UNDONE if there is no
    microthread, or it has to; or what is left of it."""
    attempt = attempts.get(call)
    if attempt is None or running() is not None or allowed.get():
        return UNDONE
    inner = watched.get(-thread_ident())
    return UNDONE if inner is None else attempt(inner, original, *args)


def stopped(
    note: _Note | Farmed, original: Any, args: tuple[Any, ...], kwargs: dict[str, Any] | None = None
) -> Any:
    """A call that blocks, by its replacement, which knows what judge says of it."""
    if isinstance(note, Farmed):
        return note.perform(original, args, kwargs)
    began = now()
    try:
        return original(*args, **kwargs) if kwargs else original(*args)
    finally:
        note(now() - began)
