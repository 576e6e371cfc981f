"""What programs say about calls that may block, and about places."""

from collections.abc import Callable
from typing import Any

from sluice import _guard_files, _guard_policy
from sluice._guard_policy import Quietly
from sluice._guard_registered import names
from sluice._guard_rules import POLICIES, Allowance, Pattern, Policy, Rule, check_calls, usage


def allow(
    *calls: str,
    caller: str | None = None,
    file: str | None = None,
    function: str | None = None,
    line: int | None = None,
) -> Allowance:
    """Lets some calls block, in a with block or a decorated function.

    calls are names as "select.poll", patterns as "socket.*", and categories; none means all. They
    may be allowed to some callers only: a module with those below it, the name of a file or a
    function, as patterns, and a line. A task is allowed what it has entered itself.
    """
    check_calls(calls, names())
    _check_where(caller, file, function, line)
    pattern = Pattern(calls, caller, file, function, line)
    return Allowance(pattern, usage(f"allow({pattern})", 2))


def rule(
    *calls: str,
    policy: Policy = "off",
    caller: str | None = None,
    file: str | None = None,
    function: str | None = None,
    line: int | None = None,
) -> Callable[[], None]:
    """What becomes of some calls everywhere, as allow says; the first rule that fits counts.

    The result removes the rule.
    """
    check_calls(calls, names())
    _check_where(caller, file, function, line)
    _check_policy(policy)
    pattern = Pattern(calls, caller, file, function, line)
    made = Rule(policy, pattern, usage(f"rule({pattern}, policy={policy!r})", 2))
    _guard_policy.rules.append(made)
    _guard_policy.changed()

    def remove() -> None:
        if made in _guard_policy.rules:
            _guard_policy.rules.remove(made)
            _guard_policy.changed()

    return remove


def load_rules(path: str) -> Callable[[], None]:
    """Rules from a file: tables [[rule]] of TOML, with the names of rule()'s arguments as keys.

    The result removes them. What is wrong with the file raises a RulesError, and then none counts.
    """
    with Quietly():
        made = _guard_files.load(path, names())

    def remove() -> None:
        for each in made:
            if each in _guard_policy.rules:
                _guard_policy.rules.remove(each)
        _guard_policy.changed()

    return remove


def set_site(site: str, policy: Policy | None) -> None:
    """What becomes of a call at one place, as in "time.sleep at /app/views.py:12 in view".

    None leaves that to rules and categories again.
    """
    if not isinstance(site, str):
        raise TypeError(f'a site is a text as in "time.sleep at app.py:3 in view", not {site!r}')
    if policy is not None:
        _check_policy(policy)
    _guard_policy.set_site(site, policy)


def _check_policy(policy: Any) -> None:
    if policy not in POLICIES:
        raise ValueError(f"a policy is one of {', '.join(POLICIES)}, not {policy!r}")


def _check_where(caller: Any, file: Any, function: Any, line: Any) -> None:
    for name, value in (("caller", caller), ("file", file), ("function", function)):
        if value is not None and not isinstance(value, str):
            raise TypeError(f"{name} is a text, not {value!r}")
    if line is not None and type(line) is not int:
        raise TypeError(f"line is a number, not {line!r}")
