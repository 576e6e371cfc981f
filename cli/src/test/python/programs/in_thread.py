"""Raise in a thread that nobody joins, and have an exit function."""

import atexit
import threading


def fail() -> None:
    raise ValueError("in a thread")


atexit.register(print, "exit function")
threading.Thread(target=fail, name="worker").start()
