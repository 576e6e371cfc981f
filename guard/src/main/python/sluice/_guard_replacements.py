"""The functions that stand for blocking calls, written from the table.

A signal handler may raise wherever CPython looks for signals: at the beginning of a function, after
a call, and where a loop goes back. What acquires something must not be lost there: it is either not
done, or its result is the caller's. So it is done by one step of an iterator of C, and what follows
is *straight*, without any of the three (SafeQueue has more of this); and where something has to be
done between, it is undone when that is hit.
"""

import importlib
import sys
from _queue import Empty
from _thread import TIMEOUT_MAX
from functools import partial
from itertools import starmap
from typing import Any

from sluice import _guard_policy, _guard_predicates, _guard_sites
from sluice._guard_catalogue import Call
from sluice._guard_farm import ATTEMPTED, UNDONE, Farmed, Rest, attempts, claimed, is_anothers
from sluice._guard_places import MASK, NO_PLACES
from sluice._guard_rules import allowed, blocks
from sluice._guard_sites import GENERATED, USER, let_be

#: Two things are known beforehand, and cost little: what the blocks allow that this context has
#: entered, and at which places the call is let be. Whatever else is judged.
_PLAIN = """\
def {name}({parameters}):
    if running() is None and (not watched or unguarded()){passes}:
        return original({arguments})
    {tried}
    places = let_be.places
    if blocks:
        for entered in allowed():
            if entered.is_open:
                if call not in entered.known:
                    places = NO_PLACES
                    break
                where = entered.known[call]
                if where is None:
                    for counted in entered.uses:
                        break
                    return original({arguments})
                if where:
                    frame = getframe(1)
                    known, uses, others = where[frame.f_lasti & MASK]
                    if known is not frame.f_code:
                        places = NO_PLACES
                        break
                    if uses is not None:
                        for counted in uses:
                            break
                        return original({arguments})
    frame = getframe(1)
    known, uses, others = places[frame.f_lasti & MASK]
    if known is frame.f_code:
        for counted in uses:
            break
        return original({arguments})
    for known, uses in others:
        if known is frame.f_code:
            for counted in uses:
                break
            return original({arguments})
    note = judge(call, 2, asks, {packed})
    if note is None:
        return original({arguments})
    return stopped(note, original, {packed})
"""

#: What need not wait is done before anybody asks who calls.
_TRIED = """if attempts:
        done = attempted(call, original, {packed})
        if done.__class__ is Rest:
            {names} = done.args
        elif done is not UNDONE:
            return done"""

_ASKS = """\
def asks({parameters}):
    return {asks}
"""

#: Of queues: what is there is taken without waiting.
_STRAIGHT = """\
def {name}({parameters}):
    if running() is None and not watched{passes}:
        for result in starmap(original, (({arguments},),)):
            return result
    try:
        for result in starmap(original, ((self, False),)):
            return result
    except Empty:
        pass
    return guarded({arguments})

def guarded({parameters}):
    note = judge(call, 3)
    if note.__class__ is Farmed:
        turn = note.turn(self, timeout)
        while turn.wait():
            try:
                for result in starmap(original, ((self, False),)):
                    return result
            except Empty:
                pass
        return original(self, False)
    for result in starmap(original, (({arguments},),)):
        if note is None:
            return result
    note(0)
    return result
"""

_ACQUIRE = """\
def {name}({parameters}):
    if running() is None and not watched:
        {quick}
        for result in starmap(original, (({arguments},),)):
            return result
    if {wrong}:
        return original({arguments})
    {own}
    if {may_wait}:
        {attempt}
        {brief}
        note = judge(call)
        if note.__class__ is Farmed:
            turn = note.turn(self, {timeout})
            while turn.wait():
                {attempt}
            return False
    else:
        note = None
    result = False
    try:
        began = now()
        for result in starmap(original, (({arguments},),)):
            if note is None:
                return result
            note(now() - began)
            return result
    except BaseException:
        if result:
            undo[self]
        raise
"""

#: Library code holds its own locks for no longer than it takes; seconds.
_BRIEF = 0.02


def _is_library() -> bool:
    """Whether no microthread runs, and what takes the lock is not user code."""
    frame = _guard_sites.caller(2)
    return _guard_policy.microthread() is None and _guard_sites.kind_of(frame) != USER


#: The native RLock takes all microthreads of a thread for one.
_OWN = """me = microthread() if watched else None
    if me is None:
        if claimed and is_anothers(self, None, ident()):
            note = judge(call)
            if note is not None:
                note(0)
    elif farms("locks"):
        may_take = me.home.may_take
        if may_take(self, me):
            if attempt[self]: return True
        if not ({may_wait}):
            return False
        note = judge(call)
        if note.__class__ is Farmed:
            turn = note.turn(self, {timeout})
            while turn.wait():
                if may_take(self, me):
                    if attempt[self]: return True
            return False"""

#: How a Condition gets its RLock back.
_RESTORE = """\
def {name}(self, state, /):
    me = microthread()
    if me is None:
        return original(self, state)
    count = state[0]
    turn = None
    while count:
        if may_take(self, me):
            if attempt[self]:
                count -= 1
                continue
        if turn is None:
            note = judge(call)
            if note.__class__ is not Farmed:
                return original(self, state)
            turn = note.turn(self, None)
        turn.wait()
"""

_TELL = """\
def {name}({parameters}):
    {check}
    original({arguments})
    if waiting and id(self) in waiting:
        wake_next(id(self))
"""


#: The native RLock lets any microthread of its thread give it back.
_CHECK = """if claimed and is_anothers(self, microthread(), ident()):
        raise RuntimeError("cannot release un-acquired lock")"""


class _Step:
    """Calls a function of C with one argument, by an operator: straight, and cheaper than map."""


def _step(function: Any) -> Any:
    """An object of which object[x] is function(x)."""
    kind = type("Step", (_Step,), {"__slots__": (), "__getitem__": staticmethod(function)})
    return kind()


def make(call: Call, original: Any, owner: Any = None, acquire: Any = None) -> Any:
    """A function that stands for a call.

    owner is the type whose method it is; acquire its original method of that name, if it has one.
    """
    name = call.path.rpartition(".")[2]
    names = _names(call.parameters)
    namespace: dict[str, Any] = {
        **{key: value for key, value in vars(_guard_predicates).items() if key[0] != "_"},
        "allowed": allowed.get,
        "UNDONE": UNDONE,
        "Rest": Rest,
        "attempted": _guard_policy.attempted,
        "attempts": attempts,
        "asks": None,
        "blocks": blocks,
        "call": call,
        "claimed": claimed,
        "getframe": sys._getframe,
        "ident": _guard_policy.thread_ident,
        "is_anothers": is_anothers,
        "let_be": let_be(call),
        "judge": _guard_policy.judge,
        "now": _guard_policy.now,
        "original": original,
        "running": _guard_policy.running,
        "starmap": starmap,
        "stopped": _guard_policy.stopped,
        "unguarded": _guard_policy.unguarded,
        "watched": _guard_policy.watched,
        "NO_PLACES": NO_PLACES,
        "TIMEOUT_MAX": TIMEOUT_MAX,
        "Empty": Empty,
        "Farmed": Farmed,
        "farms": _guard_policy.farms,
        "microthread": _guard_policy.microthread,
        "__name__": call.module,
    }
    if call.farm in ("tell", "restore"):
        homes = importlib.import_module("sluice._micro_homes")
        namespace["waiting"] = homes.waiting
        namespace["wake_next"] = homes.wake_next
        namespace["may_take"] = homes.may_take
        template = _TELL
        if call.farm == "restore":
            template = _RESTORE
            namespace["attempt"] = _step(partial(acquire, blocking=False))
    elif call.undo:
        template = _ACQUIRE
        block = "block" if call.module == "_multiprocessing" else "blocking"
        namespace["attempt"] = _step(partial(acquire, **{block: False}))
        namespace["attempt_briefly"] = _step(partial(acquire, **{block: True, "timeout": _BRIEF}))
        namespace["is_library"] = _is_library
        namespace["locked"] = _step(getattr(owner, "locked", None))
        namespace["undo"] = _step(getattr(owner, call.undo))
        namespace["take"] = _step(original)
    elif call.straight:
        template = _STRAIGHT
    else:
        template = _PLAIN
    if call.asks:
        source = _ASKS.format(parameters=call.parameters, asks=call.asks)
        exec(compile(source, GENERATED, "exec"), namespace)
    source = template.replace("MASK", str(MASK)).format(
        name=name,
        parameters=call.parameters,
        arguments=", ".join(names),
        packed=_packed(names),
        passes=f" or {call.passes}" if call.passes else "",
        tried=_TRIED.format(packed=_packed(names), names=", ".join(names))
        if call.name in ATTEMPTED
        else "pass",
        check=_CHECK if call.path == "RLock.release" else "pass",
        **(_of_lock(call, names) if call.undo else {}),
    )
    exec(compile(source, GENERATED, "exec"), namespace)
    function = namespace[name]
    function.__doc__ = original.__doc__
    function.__qualname__ = name if owner is None else f"{owner.__name__}.{name}"
    return function


def _of_lock(call: Call, names: list[str]) -> dict[str, str]:
    """What differs between acquire and __enter__, and between kinds of locks."""
    attempt = "if attempt[self]: return True"
    if call.path.startswith("lock."):
        # Nobody else can take it between these two steps, as they are straight.
        attempt = "if not locked[self]: return take[self]"
    if len(names) < 3:
        quick, may_wait, timeout, wrong = "return take[self]", "True", "None", "False"
    else:
        _, block, timeout = names
        endless = "timeout is None" if call.module == "_multiprocessing" else f"{timeout} == -1"
        quick = f"if {block} is True and {endless}: return take[self]"
        may_wait = f"{block} and {timeout} != 0"
        # It says what is wrong.
        wrong = f"{timeout} != -1 and not ({block} and 0 <= {timeout} <= TIMEOUT_MAX)"
        if call.module == "_multiprocessing":
            wrong = "False"
    brief = "pass"
    if call.path.endswith(".__enter__") and call.module != "_multiprocessing":
        brief = """if is_library():
            if attempt_briefly[self]: return True"""
    own = "pass"
    if call.path.startswith("RLock."):
        own = _OWN.format(may_wait=may_wait, timeout=timeout)
    return {
        "quick": quick,
        "may_wait": may_wait,
        "attempt": attempt,
        "brief": brief,
        "timeout": timeout,
        "own": own,
        "wrong": wrong,
    }


def _names(parameters: str) -> list[str]:
    """What the parameters of a definition are passed on as."""
    found = []
    for each in parameters.split(","):
        name = each.strip().partition("=")[0].strip()
        if name and name != "/":
            found.append(name)
    return found


def _packed(names: list[str]) -> str:
    """The arguments of stopped: a tuple, and keywords if there are any."""
    positional = [each for each in names if not each.startswith("**")]
    if positional == ["*args"]:
        packed = "args"
    else:
        packed = f"({', '.join(positional)}{',' if positional else ''})"
    return packed + (", kwargs" if "**kwargs" in names else "")
