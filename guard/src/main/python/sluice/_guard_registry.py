"""A guard and Java: who has one, what is set for places from outside, what the page shows.

Java's threads call what stands here, on no thread that is guarded.
"""

import atexit
import json
import sys
from collections.abc import Mapping
from typing import Any

from sluice import _guard_catalogue, _guard_door, _guard_policy, _guard_rules
from sluice._guard_policy import Quietly
from sluice._guard_rules import Policy

#: So many microthreads and places are told of.
_MOST = 200

#: Those places whose policy was set from outside.
_told: set[str] = set()


def joined() -> None:
    """A guard was installed in this interpreter."""
    atexit.unregister(left)
    atexit.register(left)
    set_sites(_guard_door.joined())


def left() -> None:
    """It was removed, or the interpreter ends."""
    atexit.unregister(left)
    _guard_door.left()


def set_site(site: str, policy: Policy | None) -> None:
    """Sets what becomes of a call at a place; None undoes that."""
    with Quietly():
        if policy is None:
            _told.discard(site)
        else:
            _told.add(site)
        _guard_policy.set_site(site, policy)


def set_sites(sites: Mapping[str, Any]) -> None:
    """Sets all that is set from outside, and nothing else."""
    for site in _told - set(sites):
        set_site(site, None)
    for site, policy in sites.items():
        set_site(site, policy)


def facts() -> str:
    """What only this interpreter knows, in JSON."""
    with Quietly():
        current = _guard_policy.settings
        microthread: Any = sys.modules.get("sluice.microthread")
        report: Any = getattr(microthread, "report", None)
        found: Any = None if report is None else report()
        for key, value in (found or {}).items():
            if isinstance(value, list) and len(value) > _MOST:
                found[key] = value[:_MOST]
                found[f"{key}_in_all"] = len(value)
        return json.dumps(
            {
                "policies": {} if current is None else current.policies,
                "allowances": [each.as_dict() for each in _guard_rules.usages.values()],
                "farmable": [call.name for call in _guard_catalogue.TABLE if call.farm]
                if microthread is not None
                else [],
                "microthreads": found,
            },
            default=str,
        )
