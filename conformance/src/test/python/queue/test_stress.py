"""stress.py and deadlock.py: in this process, and in plain Python, where more signals come."""

import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

import stress

import sluice

HERE = Path(__file__).parent
SECONDS = 60.0 if os.environ.get("QUEUE_TEST_TIER") == "full" else 5.0


def plain(seconds: float, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Runs a program of this folder in plain Python, with our queue in it."""
    environment = {**os.environ, "PYTHONPATH": str(Path(sluice.__path__[0]).parent)}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=HERE,
        env=environment,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


class Stress(unittest.TestCase):
    """Each scenario here, and in plain Python."""

    def test_here(self) -> None:
        for name in stress.SCENARIOS:
            with self.subTest(name):
                stress.main(SECONDS, [name])

    def test_in_plain_python(self) -> None:
        for name, (part, _) in stress.SCENARIOS.items():
            with self.subTest(name):
                ended = plain(SECONDS * part * 10 + 60, "stress.py", str(SECONDS), name)
                print("plain", ended.stdout, end="")
                self.assertEqual(0, ended.returncode, ended.stderr)


class Deadlock(unittest.TestCase):
    """Document 003's."""

    def test_a_queue_hangs(self) -> None:
        with self.assertRaises(subprocess.TimeoutExpired):
            plain(8, "deadlock.py", "queue.Queue", "2")

    def test_ours_does_not(self) -> None:
        ended = plain(60, "deadlock.py", "sluice.SafeQueue", "2")
        print("plain", ended.stdout, end="")
        match = re.search(r"puts and (\d+) signals", ended.stdout)
        self.assertIsNotNone(match, ended.stderr)
        assert match
        self.assertGreater(int(match[1]), 500)


if __name__ == "__main__":
    unittest.main()
