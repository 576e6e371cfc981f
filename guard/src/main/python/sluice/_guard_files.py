"""Rules in a file of TOML, for those who do not want them in their code."""

import os
import tomllib
from typing import Any

from sluice import _guard_policy
from sluice._guard_rules import POLICIES, Pattern, Rule, Usage, check_calls, usages

_TEXTS = ("caller", "file", "function", "policy")
_KEYS = ("calls", "line", *_TEXTS)


class RulesError(ValueError):
    """What is wrong with a file of rules: the file, the rule, and how to mend it."""


def load(path: str, names: set[str]) -> list[Rule]:
    """Adds the rules of a file, behind those that there are, and returns them; all or none.

    names are those of the calls and categories that can be meant.
    """
    shown = os.fspath(path)
    try:
        with open(shown, "rb") as file:
            found = tomllib.load(file)
    except OSError as error:
        raise RulesError(
            f"{shown} cannot be read: {error.strerror}. Check the path and its permissions."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RulesError(f"{shown} is not TOML: {error}. See https://toml.io.") from None
    rows = found.pop("rule", [])
    if found or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise RulesError(f"{shown} may have tables [[rule]], and nothing else.")
    rules = [_rule(row, f"{shown}, rule {i}", names) for i, row in enumerate(rows, 1)]
    for rule in rules:
        usages.setdefault((rule.usage.text, rule.usage.place), rule.usage)
    _guard_policy.rules.extend(rules)
    _guard_policy.changed()
    return rules


def _rule(row: dict[str, Any], place: str, names: set[str]) -> Rule:
    for key, value in row.items():
        if key not in _KEYS:
            raise RulesError(f"{place}: there is no key {key!r}; there are {', '.join(_KEYS)}.")
        if key in _TEXTS and not isinstance(value, str):
            raise RulesError(f"{place}: {key} is a text in quotes, not {value!r}.")
    calls = row.get("calls", [])
    if not isinstance(calls, list) or not all(isinstance(each, str) for each in calls):
        raise RulesError(f'{place}: calls is a list of texts, as in calls = ["select.poll"].')
    line = row.get("line")
    if line is not None and type(line) is not int:
        raise RulesError(f"{place}: line is a number, not {line!r}.")
    policy = row.get("policy", "off")
    if policy not in POLICIES:
        raise RulesError(f"{place}: a policy is one of {', '.join(POLICIES)}, not {policy!r}.")
    try:
        check_calls(tuple(calls), names)
    except ValueError as error:
        raise RulesError(f"{place}: {error}.") from None
    pattern = Pattern(tuple(calls), row.get("caller"), row.get("file"), row.get("function"), line)
    text = f"rule({pattern}, policy={policy!r})" if str(pattern) else f"rule(policy={policy!r})"
    return Rule(policy, pattern, Usage(text, place))
