"""SafeQueueHandler in programs that end, or that would not."""

import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

import sluice

PATH = str(Path(sluice.__path__[0]).parent)


class AtTheEnd(unittest.TestCase):
    """A program ends right after it has logged."""

    def run_program(self, source: str) -> str:
        ended = subprocess.run(
            [sys.executable, "-c", source],
            env={**os.environ, "PYTHONPATH": PATH},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        self.assertEqual(0, ended.returncode, ended.stderr)
        return ended.stderr

    def test_everything_is_written(self) -> None:
        said = self.run_program(
            "import atexit, logging, sluice\n"
            "atexit.register(lambda: logging.info('by another exit function'))\n"
            "handler = sluice.SafeQueueHandler(logging.StreamHandler())\n"
            "logging.basicConfig(level='INFO', format='%(message)s', handlers=[handler])\n"
            "for number in range(5_000): logging.info('%d', number)\n"
        )
        lines = said.splitlines()
        self.assertEqual([str(number) for number in range(5_000)], lines[:5_000])
        self.assertEqual(["by another exit function"], lines[5_000:])

    def test_a_handler_that_hangs_does_not_hold_the_end_up(self) -> None:
        said = self.run_program(
            "import logging, sluice, time\n"
            "class Hangs(logging.Handler):\n"
            "    def createLock(self): self.lock = None\n"  # logging would wait for that
            "    def handle(self, record): time.sleep(1000)\n"  # and from 3.13 on needs it here
            "handler = sluice.SafeQueueHandler(Hangs(), close_timeout=0.2)\n"
            "logging.basicConfig(level='INFO', handlers=[handler])\n"
            "logging.info('for nobody')\n"
        )
        self.assertIn("were not written within 0.2 s", said)

    def test_a_plain_handler_deadlocks(self) -> None:
        """Which is what this is for: a handler's lock, and a finaliser that takes another way."""
        source = (Path(__file__).parent / "log_deadlock.py").read_text()
        with self.assertRaises(subprocess.TimeoutExpired):
            subprocess.run(
                [sys.executable, "-c", source, "plain"],
                env={**os.environ, "PYTHONPATH": PATH},
                timeout=5,
                check=False,
                capture_output=True,
            )
        ended = subprocess.run(
            [sys.executable, "-c", source, "sluice"],
            env={**os.environ, "PYTHONPATH": PATH},
            timeout=60,
            check=True,
            capture_output=True,
            text=True,
        )
        self.assertIsNotNone(re.search(r"logged \d+ lines", ended.stdout), ended.stdout)


if __name__ == "__main__":
    unittest.main()
