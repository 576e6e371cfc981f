"""What uninstall leaves: nothing. And a guard that comes and goes while others call."""

import ctypes
import gc
import os
import queue
import select
import socket
import sys
import threading
import time
import unittest
from types import BuiltinFunctionType
from typing import Any

from helpers import GuardTest

import sluice.guard
from sluice._guard_catalogue import TABLE

_METHOD = type(list.append)
#: Behind the reference count.
_SIZE = 56


def memory(target: Any) -> bytes:
    """The words of a function or a method of C, but for its count and its weak references."""
    words = ctypes.string_at(id(target) + 8, _SIZE - 8)
    if isinstance(target, BuiltinFunctionType):
        return words[:32] + words[40:]
    return words


def all_of_c() -> dict[int, tuple[Any, bytes]]:
    """Every function and method of C that there is, with its memory."""
    found = {}
    for each in gc.get_objects():
        if isinstance(each, BuiltinFunctionType | _METHOD):
            found[id(each)] = (each, memory(each))
    return found


def types_of_c() -> dict[str, dict[str, Any]]:
    kinds = {
        type(threading.Lock()),
        type(threading.RLock()),
        socket.socket.__base__,
        select.epoll,
        queue.SimpleQueue,
        type(select.poll()),
    }
    return {kind.__qualname__: dict(vars(kind)) for kind in kinds if kind is not None}


class Restoring(GuardTest):
    def test_every_word(self) -> None:
        self.install()  # imports what it needs
        sluice.guard.uninstall()
        left, right = socket.socketpair()
        early = [left.recv, right.send, threading.Lock().acquire, type(threading.Lock()).acquire]
        gc.collect()
        before, types_before = all_of_c(), types_of_c()
        self.install()
        changed = sum(memory(each) != words for each, words in before.values())
        self.assertGreater(changed, 60)
        self.assertNotEqual(types_before, types_of_c())
        with self.assertNoLogs("sluice.guard", "ERROR"):
            sluice.guard.uninstall()
        for each, words in before.values():
            self.assertEqual(words, memory(each), each)
        self.assertEqual(types_before, types_of_c())
        self.assertEqual(4, len(early))

    def test_no_reference_is_lost_or_kept(self) -> None:
        def count() -> list[int]:
            gc.collect()
            lock = type(threading.Lock())
            kinds = [socket.socket.__base__, select.epoll, queue.SimpleQueue, lock]
            return [sys.getrefcount(each) for each in (time, os, select, *kinds)]

        for _ in range(3):
            self.install()
            sluice.guard.uninstall()
        before = count()
        for _ in range(10):
            self.install()
            bound = [threading.Lock().acquire for _ in range(10)]
            self.assertEqual(10, len(bound))
            del bound
            sluice.guard.uninstall()
        for earlier, later in zip(before, count(), strict=True):
            self.assertLess(abs(later - earlier), 5)

    def test_bound_methods_die_as_before(self) -> None:
        left, right = socket.socketpair()
        early = left.recv
        self.install()
        self.refused(early, 1)
        number = left.fileno()
        del left, early
        gc.collect()
        self.assertRaises(OSError, os.fstat, number)
        sluice.guard.uninstall()
        right.close()

    def test_installed_again_the_new_settings_count(self) -> None:
        self.install("raise", ["sleep", "select"])
        self.install("raise", ["sleep"])
        self.assertEqual(select.select, select.select)
        self.assertEqual([], self.passes(select.select, [], [], [], 0.001)[0])
        self.refused(time.sleep, 0.001)
        self.install("report", ["sleep"])
        with self.assertLogs("sluice.guard"):
            self.passes(time.sleep, 0.001)
        sluice.guard.uninstall()
        sluice.guard.uninstall()
        self.passes(time.sleep, 0.001)

    def test_it_comes_and_goes_while_others_call(self) -> None:
        def call() -> None:
            lock = threading.Lock()
            left, right = socket.socketpair()
            receive = left.recv
            items: Any = queue.SimpleQueue()
            while not ended.is_set():
                time.sleep(0)
                with lock:
                    right.send(b"x")
                receive(1)
                left.send(b"y")
                right.recv(1)
                items.put(1)
                items.get()
                done[0] += 1

        def sleep() -> None:
            while not ended.is_set():
                time.sleep(0.01)
                select.select([], [], [], 0.01)

        ended = threading.Event()
        done = [0]
        failures: list[Any] = []
        threading.excepthook, hook = failures.append, threading.excepthook
        threads = [threading.Thread(target=each) for each in (call, call, sleep)]
        for thread in threads:
            thread.start()
        until = time.monotonic() + 5
        rounds = 0
        while time.monotonic() < until:
            self.install("raise", "all" if rounds % 2 else "default")
            self.refused(time.sleep, 1)
            sluice.guard.uninstall()
            rounds += 1
        ended.set()
        for thread in threads:
            thread.join(10)
        threading.excepthook = hook
        self.assertEqual([], failures)
        self.assertGreater(rounds, 5)
        self.assertGreater(done[0], 100)

    def test_the_table_finds_what_it_names(self) -> None:
        self.install()
        missing = {row["call"] for row in sluice.guard.calls() if not row["guarded"]}
        absent = {"select.devpoll", "select.kqueue", "os.lchown", "os.splice"}
        absent |= {"threading.RLock.acquire_lock"}
        absent |= {"threading.Thread.join"} if sys.version_info < (3, 13) else set()
        allowed = absent | {name for name in missing if name.startswith("multiprocessing.")}
        self.assertLessEqual(missing, allowed)
        self.assertEqual(len(TABLE), len({call.name for call in TABLE}))


if __name__ == "__main__":
    unittest.main()
