"""However a blocking function is held: whoever calls it reaches the guard."""

# ruff: noqa: PLW0108 (a lambda is looked up when it is called)
import contextlib
import contextvars
import functools
import gc
import importlib
import operator
import pickle
import queue
import socket
import threading
import time
import types
import unittest
import weakref
from collections.abc import Callable, Iterator
from time import sleep as stray
from typing import Any, ClassVar

from helpers import GuardTest

import sluice.guard

_LONG = 0.001

# All that follows is there before the guard comes.


def default(sleep: Any = time.sleep) -> None:
    sleep(_LONG)


def keyword_default(*, sleep: Any = time.sleep) -> None:
    sleep(_LONG)


def closing(sleep: Any) -> Callable[[], None]:
    def closure() -> None:
        sleep(_LONG)

    return closure


class Slots:
    __slots__ = ("sleep",)


class Attributes:
    sleep = time.sleep
    static = staticmethod(time.sleep)
    sleeping = property(lambda self: time.sleep(_LONG))
    partial = functools.partialmethod(lambda self, sleep: sleep(_LONG), time.sleep)
    by_name: ClassVar[dict[str, Any]] = {"sleep": time.sleep}


class Instances:
    def __init__(self) -> None:
        self.sleep = time.sleep

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name.removeprefix("really_"))


class Sleeper:
    def __call__(self) -> None:
        stray(_LONG)

    def __len__(self) -> int:
        stray(_LONG)
        return 1

    def __lt__(self, other: object) -> bool:
        stray(_LONG)
        return True


class Child(socket.socket):
    def recv(self, *args: Any) -> bytes:
        return super().recv(*args)


def generator(sleep: Any) -> Iterator[None]:
    yield
    sleep(_LONG)
    yield


def specialised() -> None:
    for _ in range(1):
        time.sleep(0)
    time.sleep(_naps[0])


_naps = [0.0]
for _ in range(300):
    specialised()

slots = Slots()
slots.sleep = time.sleep
instance = Instances()
started = generator(time.sleep)
next(started)
local = threading.local()
local.sleep = time.sleep
variable: contextvars.ContextVar[Any] = contextvars.ContextVar("sleep", default=time.sleep)
cached = functools.lru_cache(time.sleep)
left, right = socket.socketpair()
child = Child(fileno=socket.socketpair()[0].detach())
lock = threading.Lock()
lock.acquire()
condition_lock = threading.Lock()
condition_lock.acquire()
condition = threading.Condition(condition_lock)
bound = left.recv
bound_in_slot = Slots()
bound_in_slot.sleep = lock.acquire
bound_in_list = [lock.acquire]
bound_in_partial = functools.partial(left.recv, 1)
early_descriptor = type(lock).acquire
early_enter = type(lock).__enter__
early_queue = queue.SimpleQueue.get if hasattr(queue.SimpleQueue, "get") else None
empty: Any = queue.SimpleQueue()
alias = stray
pickled = pickle.dumps(time.sleep)
module = types.ModuleType("copies")
vars(module).update(vars(time))
namespace: dict[str, Any] = {"sleep": time.sleep}
compiled = eval("lambda: sleep(0.001)", namespace)
dead: list[str] = []


def with_weakref_callback() -> None:
    class Thing:
        pass

    thing = Thing()
    watched = weakref.ref(thing, lambda _: _note(stray))
    del thing
    gc.collect()
    del watched
    if dead:
        raise sluice.guard.BlockingCallError("", "", dead.pop(), "", (), False)


def _note(sleep: Any) -> None:
    try:
        sleep(_LONG)
    except sluice.guard.BlockingCallError as error:
        dead.append(error.site)


def with_exit_stack() -> None:
    with contextlib.ExitStack() as stack:
        stack.callback(time.sleep, _LONG)


def again() -> None:
    importlib.reload(time).sleep(_LONG)


WAYS: dict[str, Callable[[], object]] = {
    "an import by name": lambda: stray(_LONG),
    "another name": lambda: alias(_LONG),
    "a default": default,
    "a keyword default": keyword_default,
    "a closure": closing(time.sleep),
    "a list": lambda held=[time.sleep]: held[0](_LONG),
    "a tuple": lambda held=(time.sleep,): held[0](_LONG),
    "a dictionary": lambda held={"f": time.sleep}: held["f"](_LONG),
    "a key of a dictionary": lambda held={time.sleep: 1}: next(iter(held))(_LONG),
    "a set": lambda held=frozenset({time.sleep}): next(iter(held))(_LONG),
    "a slot": lambda: slots.sleep(_LONG),
    "an attribute of a class": lambda: Attributes.sleep(_LONG),
    "an attribute of an instance": lambda: instance.sleep(_LONG),
    "a static method": lambda: Attributes.static(_LONG),
    "a property": lambda: Attributes().sleeping,
    "a dictionary of a class": lambda: Attributes.by_name["sleep"](_LONG),
    "a partial": functools.partial(time.sleep, _LONG),
    "a partial of a partial": functools.partial(functools.partial(time.sleep), _LONG),
    "a partialmethod": lambda: Attributes().partial(),
    "map": lambda: list(map(time.sleep, [_LONG])),
    "map in sum": lambda: sum(map(time.sleep, [_LONG])),  # type: ignore[arg-type]
    "filter": lambda: list(filter(time.sleep, [_LONG])),
    "the key of sorted": lambda: sorted([_LONG, _LONG], key=time.sleep),  # type: ignore[arg-type,return-value]
    "the key of max": lambda: max([_LONG, _LONG], key=time.sleep),  # type: ignore[arg-type,return-value]
    "a comparison in C": lambda: sorted([Sleeper(), Sleeper()]),  # type: ignore[type-var]
    "a call site that is specialised": lambda: (_naps.__setitem__(0, _LONG), specialised()),
    "methodcaller": lambda: operator.methodcaller("sleep", _LONG)(time),
    "attrgetter": lambda: operator.attrgetter("sleep")(time)(_LONG),
    "getattr": lambda: getattr(time, "sl" + "eep")(_LONG),
    "__getattr__": lambda: instance.really_sleep(_LONG),
    "a callable object": Sleeper(),
    "len of an object": lambda: len(Sleeper()),
    "a callback of a weak reference": with_weakref_callback,
    "a local of a generator": lambda: next(started),
    "a context variable": lambda: variable.get()(_LONG),
    "a thread-local": lambda: local.sleep(_LONG),
    "an iterator until a value": lambda: next(iter(functools.partial(time.sleep, _LONG), 1)),
    "functools.reduce": lambda: functools.reduce(lambda _, f: f(_LONG), [time.sleep], None),
    "lru_cache": lambda: cached(_LONG),
    "a copy of a module": lambda: module.sleep(_LONG),
    "compiled code": compiled,
    "a module that is loaded again": again,
    "an exit stack": with_exit_stack,
    "a pickle": lambda: pickle.loads(pickled)(_LONG),
    "a method": lambda: left.recv(1),
    "a method of the super type": lambda: child.recv(1),
    "a method bound before": lambda: bound(1),
    "a method bound before, in a slot": lambda: bound_in_slot.sleep(),
    "a method bound before, in a list": lambda: bound_in_list[0](),
    "a method bound before, in a partial": bound_in_partial,
    "a method that a condition has bound": condition.acquire,
    "a method of the type": lambda: early_descriptor(lock),
    "a method of the type, bound later": lambda: early_descriptor.__get__(lock)(),
    "__enter__ of the type": lambda: early_enter(lock),
    "a method in map": lambda: list(map(early_descriptor, [lock])),
    "a method with keywords": lambda: early_descriptor(lock, timeout=1),
    "a with statement": lambda: lock.__enter__(),
    "a method of a queue": lambda: early_queue(empty),  # type: ignore[misc]
}


class References(GuardTest):
    """40 ways and more to hold a reference."""

    def test_each_is_caught(self) -> None:
        self.assertGreater(len(WAYS), 40)
        self.install()
        for way, function in WAYS.items():
            with self.subTest(way):
                self.refused(function)

    def test_and_each_runs_where_nothing_is_guarded(self) -> None:
        self.install()
        self.assertTrue(early_descriptor(threading.Lock()))
        self.assertTrue(early_enter(threading.Lock()))
        stray(0.001)
        left.settimeout(0.01)
        self.assertRaises(TimeoutError, bound, 1)
        left.settimeout(None)
        right.send(b"x")
        self.assertEqual(b"x", bound_in_partial())
        with self.assertRaises(TypeError):
            early_descriptor("no lock")

    def test_what_is_kept_works_after_the_end(self) -> None:
        self.install()
        kept = [left.recv, type(left).recv, socket.socket.recv, threading.Lock().acquire]
        later = early_descriptor.__get__(threading.Lock())
        sluice.guard.uninstall()
        self.assertTrue(self.passes(kept[3]))
        self.assertTrue(self.passes(later))
        right.send(b"123")
        self.assertEqual(b"1", self.passes(kept[0], 1))
        self.assertEqual(b"2", self.passes(kept[1], left, 1))
        self.assertEqual(b"3", self.passes(bound, 1))

    def test_the_audit_finds_them(self) -> None:
        self.install()
        rows = sluice.guard.audit()
        found = "\n".join(f"{row['call']}: {row['reference']}" for row in rows)
        for wanted in (
            "time.sleep: module time, sleep",
            "time.sleep: module __main__, stray, alias",
            "time.sleep: a closure",
            "time.sleep: a partial",
            "time.sleep: class __main__.Attributes, sleep",
            "time.sleep: an object of __main__.Slots",
            "threading.Lock.acquire: type _thread.lock, acquire",
            "threading.Lock.acquire: module __main__, early_descriptor",
            "threading.Lock.acquire: a method of a _thread.lock in an object of __main__.Slots",
            "socket.recv: a method of a socket.socket in module __main__, bound",
        ):
            self.assertIn(wanted, found)
        self.assertTrue(all(row["covered"] for row in rows))

    def test_they_look_as_before(self) -> None:
        before = (time.sleep.__name__, time.sleep.__doc__, time.sleep.__module__)
        self.install()
        self.assertEqual(before, (time.sleep.__name__, time.sleep.__doc__, time.sleep.__module__))
        self.assertIs(time.sleep, pickle.loads(pickle.dumps(time.sleep)))
        self.assertIs(time.sleep, stray)
        self.assertEqual("acquire", threading.Lock().acquire.__name__)


if __name__ == "__main__":
    unittest.main()
