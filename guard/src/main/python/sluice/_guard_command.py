"""The guard as a command line asks for it."""

from typing import Any

from sluice import guard


def load(rules: str) -> str:
    """Adds the rules of a file; says what is wrong with it, if anything."""
    try:
        guard.load_rules(rules)
    except guard.RulesError as error:
        return str(error)
    return ""


def start(policy: Any, categories: str) -> str:
    """Installs it; says what is wrong with the categories, if anything."""
    try:
        if categories in ("default", "all"):
            guard.install(policy, categories)
        else:
            names = categories.split(",")
            if "default" in names:
                names.remove("default")
                names += guard.default_categories()
            guard.install(policy, names)
    except ValueError as error:
        return str(error)
    return ""
