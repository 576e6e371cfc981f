"""Functions that are keys of dictionaries and members of sets stay so; and how they are pickled."""

import copyreg
import gc
import os
import pickle
import socket
import threading
import time
import types
import unittest
from collections import Counter, OrderedDict, defaultdict
from typing import Any

from helpers import GuardTest

import sluice.guard


class Mine(dict[Any, Any]):
    """Says nothing of what it has."""

    def __iter__(self) -> Any:
        return iter(())

    def keys(self) -> Any:
        return ()

    def __setitem__(self, key: Any, value: Any) -> None:
        raise KeyError(key)


class Keys(GuardTest):
    def test_dictionaries(self) -> None:
        items = [("first", 1), (time.sleep, 2), (3, 3), (os.read, 4), (len, 5), ("last", 6)]
        tables: list[Any] = [
            dict(items),
            OrderedDict(items),
            defaultdict(list, items),
            Counter(dict(items)),
            Mine(items),
        ]
        self.install()
        for table in tables:
            self.check(table, items)
        made = dict(items)
        self.check(made, items)
        sluice.guard.uninstall()
        for table in (*tables, made):
            self.check(table, items)

    def check(self, table: Any, items: Any) -> None:
        with self.subTest(kind=type(table).__name__):
            kind: Any = OrderedDict if isinstance(table, OrderedDict) else dict
            self.assertEqual(items, list(kind.items(table)))
            self.assertEqual(2, table[time.sleep])
            self.assertEqual(4, table[os.read])
            self.assertEqual(len(items), len(table))
            if isinstance(table, OrderedDict):
                self.assertEqual([key for key, _ in reversed(items)], list(reversed(table)))

    def test_sets(self) -> None:
        made = {time.sleep, os.read, "other"}
        self.install()
        self.assertIn(time.sleep, made)
        made.remove(os.read)
        made.add(os.read)
        self.assertEqual(3, len(made))
        sluice.guard.uninstall()
        self.assertEqual({time.sleep, os.read, "other"}, made)
        self.assertIn(os.read, made)

    def test_methods_that_were_bound_before(self) -> None:
        left, right = socket.socketpair()
        with left, right:
            receive = left.recv
            table = {receive: 1, "after": 2}
            self.install()
            self.assertEqual(1, table[receive])
            sluice.guard.uninstall()
            self.assertEqual([(receive, 1), ("after", 2)], list(table.items()))
            self.assertEqual(1, table[receive])

    def test_what_the_program_has_frozen(self) -> None:
        table = {time.sleep: 1}
        gc.freeze()
        self.addCleanup(gc.unfreeze)
        self.install()
        self.assertEqual(1, table[time.sleep])
        sluice.guard.uninstall()
        self.assertEqual(1, table[time.sleep])

    def test_others_may_use_them_meanwhile(self) -> None:
        table: dict[Any, int] = {time.sleep: 0, **{str(i): i for i in range(1000)}}
        missing = []
        is_over = threading.Event()

        def look() -> None:
            while not is_over.is_set():
                missing.extend(key for key in map(str, range(1000)) if key not in table)

        thread = threading.Thread(target=look)
        thread.start()
        try:
            for _ in range(10):
                self.install()
                sluice.guard.uninstall()
        finally:
            is_over.set()
            thread.join()
        self.assertEqual([], missing)
        self.assertEqual(["0", "1"], list(table)[1:3])


class Pickling(GuardTest):
    def test_what_the_program_has_registered_comes_back(self) -> None:
        pickled = []

        def mine(function: Any) -> Any:
            pickled.append(function)
            return function.__name__

        def pickles(function: Any) -> None:
            pickled.clear()
            self.assertIs(function, pickle.loads(pickle.dumps(function)))
            self.assertEqual([function], pickled)

        copyreg.pickle(types.BuiltinFunctionType, mine)
        self.addCleanup(copyreg.dispatch_table.pop, types.BuiltinFunctionType)
        self.install()
        pickles(len)
        pickles(time.sleep)
        self.install("report")
        pickles(time.sleep)
        sluice.guard.uninstall()
        self.assertIs(mine, copyreg.dispatch_table[types.BuiltinFunctionType])
        pickles(len)

    def test_without_one(self) -> None:
        self.install()
        self.assertIs(time.sleep, pickle.loads(pickle.dumps(time.sleep)))
        sluice.guard.uninstall()
        self.assertNotIn(types.BuiltinFunctionType, copyreg.dispatch_table)


if __name__ == "__main__":
    unittest.main()
