"""Nothing blocks unseen: calls that would stop a loop are refused or reported.

    import sluice.guard
    sluice.guard.install("raise")

See docs/guide/guard.md.
"""

import _thread
import atexit
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Any, Literal, TypeVar

from sluice import (
    _guard_binding,
    _guard_door,
    _guard_policy,
    _guard_registered,
    _guard_registry,
    _guard_rules,
)
from sluice._guard_allowing import allow, load_rules, rule, set_site
from sluice._guard_audit import audit
from sluice._guard_catalogue import CATEGORIES, DEFAULT, TABLE, TELLING
from sluice._guard_decorators import decorated
from sluice._guard_errors import BlockingCallError
from sluice._guard_files import RulesError
from sluice._guard_imports import ImportFinder
from sluice._guard_policy import Quietly, logger
from sluice._guard_registered import registered
from sluice._guard_rules import POLICIES, Policy

__all__ = [
    "BlockingCallError",
    "RulesError",
    "allow",
    "audit",
    "calls",
    "guarded",
    "install",
    "installed",
    "load_rules",
    "register",
    "report",
    "rule",
    "set_site",
    "uninstall",
]

_F = TypeVar("_F", bound=Callable[..., Any])
_Categories = Literal["default", "all"] | Iterable[str] | Mapping[str, Policy]

_lock = _thread.allocate_lock()
_finder: ImportFinder | None = None


def install(policy: Policy = "raise", categories: _Categories = "default") -> None:
    """Guards the threads that run a loop, and those that ask for it with guarded().

    policy says what becomes of a call that would block one of them: "raise" raises a
    BlockingCallError; "report" logs each place once and counts; "farm" is for microthreads, and
    raises elsewhere; "off" lets it be. categories are "default", which is all but the hot ones
    (locks, files), "all", some by name, or a mapping of names to policies. Installed again, the
    new settings replace the former ones.
    """
    policies = _policies(policy, categories)
    with Quietly():
        _check()
        with _lock:
            _install(policies)
        _guard_registry.joined()


def default_categories() -> frozenset[str]:
    """What categories="default" are: all that are not hot, and those that programs have added."""
    return DEFAULT | {call.category for call, *_ in registered.values()}


def _policies(policy: Policy, categories: _Categories) -> dict[str, Policy]:
    names: Iterable[str]
    if categories == "default":
        # What others hold, a microthread must not wait for with the whole thread.
        names = default_categories() | ({"locks"} if policy == "farm" else set())
    elif categories == "all":
        names = CATEGORIES | {call.category for call, *_ in registered.values()}
    elif isinstance(categories, str):
        names = [categories]
    else:
        names = categories
    policies = dict.fromkeys(names, policy)
    if isinstance(categories, Mapping):
        policies.update(categories)
    known = CATEGORIES | {call.category for call, *_ in registered.values()}
    for category, its in policies.items():
        if category not in known:
            raise ValueError(
                f"there is no category {category!r}; there are {', '.join(sorted(known))}"
            )
        if its not in POLICIES:
            raise ValueError(f"a policy is one of {', '.join(POLICIES)}, not {its!r}")
    return policies


def _check() -> None:
    """Refuses to change anything where CPython is not what it is taken for."""
    obstacle = _guard_door.obstacle()
    if obstacle is None:
        probe = _guard_door.copy(len)
        words = _guard_door.words(probe)
        _guard_door.rebind(probe, lambda *args, **kwargs: (args, kwargs))
        if probe(1, b=2) != ((1,), {"b": 2}):
            obstacle = "a rebound function does not call what it is bound to"
        _guard_door.restore(probe, _guard_door.first(len))
        if _guard_door.words(probe) != words or probe("ab") != 2:
            obstacle = "a rebound function cannot be restored"
    if obstacle is not None:
        raise RuntimeError(
            f"sluice SL181: there can be no guard in this Python: {obstacle}. Use a standard build"
            " of CPython."
        )


def _install(policies: dict[str, Policy]) -> None:
    global _finder  # noqa: PLW0603
    import sys  # noqa: PLC0415 (its name would be the module's)

    first = _guard_policy.settings is None
    wanted = {call.name for call in TABLE if call.category in policies}
    wanted |= {name for name, (call, *_) in registered.items() if call.category in policies}
    wanted |= {call.name for call in TELLING if policies.get(call.category) == "farm"}
    _guard_binding.unbind(frozenset(wanted))
    _guard_policy.configure(_guard_policy.Settings(policies))
    _bind(policies)
    if _finder is None:
        modules = {call.module for call in TABLE if call.category in policies}
        _finder = ImportFinder(modules - {"builtins", "posix", "_thread"}, _bind_again)
    _finder.sees_imports = "imports" in policies
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)
    _guard_binding.start_pickling()
    if first:
        atexit.register(_log_unused)


def _bind(policies: Mapping[str, Policy]) -> None:
    telling = [call for call in TELLING if policies.get(call.category) == "farm"]
    calls = [call for call in (*TABLE, *telling) if call.category in policies]
    rows = [row for row in registered.values() if row[0].category in policies]
    _guard_binding.bind_all(calls, rows)


def _bind_again() -> None:
    """A module of C was imported anew, and its functions with it."""
    current = _guard_policy.settings
    if current is not None:
        with Quietly():
            _bind(current.policies)


def uninstall() -> None:
    """Undoes install, to the last word; rules stay."""
    global _finder  # noqa: PLW0603
    import sys  # noqa: PLC0415

    with Quietly(), _lock:
        if _guard_policy.settings is None:
            return
        _guard_policy.configure(None)
        if _finder in sys.meta_path:
            sys.meta_path.remove(_finder)
        _finder = None
        _guard_binding.stop_pickling()
        wrong = _guard_binding.unbind()
        threads = sys.modules.get("sluice._micro_threads")
        if threads is not None and not sys.modules["sluice._micro_run"].alive:
            threads.uninstall()
        _guard_registry.left()
        atexit.unregister(_log_unused)
        _log_unused()
    for each in wrong:
        logger.error("After uninstall %s.", each)


def installed() -> bool:
    """Whether a guard is installed in this interpreter."""
    return _guard_policy.settings is not None


def _log_unused() -> None:
    with Quietly():
        for each in list(_guard_rules.usages.values()):
            if not each.used and not each.told:
                each.told = True
                logger.warning("The allowance %s at %s was never used.", each.text, each.place)


class _Guarded:
    """A thread is guarded within, although it may run no loop; also a decorator.

    What runs as a coroutine or a generator is guarded in each of its steps, on whatever thread that
    is made.
    """

    def __enter__(self) -> None:
        ident = _thread.get_ident()
        watched = _guard_policy.watched
        watched[ident] = watched.get(ident, 0) + 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        ident = _thread.get_ident()
        watched = _guard_policy.watched
        watched[ident] -= 1
        if not watched[ident]:
            del watched[ident]

    def __call__(self, function: _F) -> _F:
        return decorated(self, function, is_of_task=False)


def guarded() -> _Guarded:
    """Guards the calling thread within a with block or a decorated function."""
    return _Guarded()


def register(
    function: Any, category: str = "registered", unless: Callable[..., bool] | None = None
) -> str:
    """Has a function or a method of C guarded, of an extension for instance; the name it gets.

    unless gets the arguments of a call, and says whether that cannot wait. A function of Python's
    is refused: it blocks only through what it calls, which is what to register.
    """
    name = _guard_registered.add(function, category, unless)
    current = _guard_policy.settings
    if current is not None and category in current.policies:
        with Quietly(), _lock:
            _bind(current.policies)
    return name


def calls() -> list[dict[str, Any]]:
    """What can be guarded: each call with its category, and whether it is bound to the guard."""
    bound = {it.call.name for it in _guard_binding.bound.values()}
    rows = (*TABLE, *(call for call, *_ in registered.values()))
    return [
        {
            "call": call.name,
            "category": call.category,
            "guarded": call.name in bound,
            "unless": call.passes or call.asks,
            "farm": call.farm,
        }
        for call in rows
    ]


def report() -> dict[str, Any]:
    """What was seen in this process, the most expensive first, and how allowances were used."""
    with Quietly():
        return {
            "calls": _guard_door.sightings(),
            "left_out": _guard_door.left_out(),
            "stalls": _guard_door.stalls(),
            "stall_count": _guard_door.stall_count(),
            "allowances": [each.as_dict() for each in _guard_rules.usages.values()],
        }
