"""Rules that stand in a file."""

import os
import tempfile
import time
import types
import unittest

from helpers import GuardTest

import sluice.guard
from sluice.guard import RulesError


class RulesFiles(GuardTest):
    def setUp(self) -> None:
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "rules.toml")

    def write(self, text: str | bytes) -> str:
        with open(self.path, "wb") as file:
            file.write(text.encode() if isinstance(text, str) else text)
        return self.path

    def load(self, text: str) -> None:
        self.addCleanup(sluice.guard.load_rules(self.write(text)))

    def test_one_module_may_and_others_may_not(self) -> None:
        source = "import time\ndef sleeps():\n    time.sleep(0.001)\n"
        modules = {}
        for name in ("may_sleep", "may_not"):
            modules[name] = types.ModuleType(name)
            exec(compile(source, f"/{name}.py", "exec"), vars(modules[name]))
        self.load('[[rule]]\ncalls = ["time.*"]\ncaller = "may_sleep"\n')
        self.install("raise", ["sleep"])
        self.passes(modules["may_sleep"].sleeps)
        self.refused(modules["may_not"].sleeps)
        rows = [
            row
            for row in sluice.guard.report()["allowances"]
            if row["place"] == f"{self.path}, rule 1"
        ]
        self.assertEqual([1], [row["used"] for row in rows], rows)

    def test_the_first_that_fits_counts_and_all_can_be_removed(self) -> None:
        remove = sluice.guard.load_rules(
            self.write(
                """
                [[rule]]
                function = "*strict"
                policy = "raise"
                [[rule]]
                policy = "off"
                """
            )
        )
        self.addCleanup(remove)
        self.install("raise", ["sleep"])

        def strict() -> None:
            time.sleep(0.001)

        def lax() -> None:
            time.sleep(0.001)

        self.passes(lax)
        self.refused(strict)
        remove()
        remove()
        self.refused(lax)

    def test_a_file_or_line_may_be_meant(self) -> None:
        self.install("raise", ["sleep"])
        self.load(f'[[rule]]\nfile = "*/{os.path.basename(__file__)}"\n')
        self.passes(lambda: time.sleep(0.001))

    def test_what_is_wrong_is_said_and_nothing_is_kept(self) -> None:
        cases = {
            "[[rule]]\nfoo = 1": r"rule 1: there is no key 'foo'; there are calls, line, ",
            '[[rule]]\n[[rule]]\ncalls = "a"': r"rule 2: calls is a list of texts",
            '[[rule]]\ncalls = ["time.slep"]': r"rule 1: 'time.slep' is no call that is guarded",
            '[[rule]]\npolicy = "of"': r"rule 1: a policy is one of raise, .*, not 'of'",
            "[[rule]]\nline = true": r"rule 1: line is a number, not True",
            "[[rule]]\ncaller = 3": r"rule 1: caller is a text in quotes, not 3",
            "rule = 3": r"may have tables \[\[rule\]\], and nothing else",
            "[rules]\na = 1": r"may have tables \[\[rule\]\], and nothing else",
            "[[rule]]\ncalls = 1 2": r"is not TOML: .*line 2",
        }
        self.install("raise", ["sleep"])
        for text, message in cases.items():
            with self.subTest(text):
                self.assertRaisesRegex(
                    RulesError, message, sluice.guard.load_rules, self.write(text)
                )
        self.assertRaisesRegex(
            RulesError, "is not TOML", sluice.guard.load_rules, self.write(b"\xff")
        )
        self.assertRaisesRegex(
            RulesError, "cannot be read: No such file", sluice.guard.load_rules, self.path + "x"
        )
        self.refused(time.sleep, 0.001)


if __name__ == "__main__":
    unittest.main()
