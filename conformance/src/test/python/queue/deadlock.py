"""Document 003's deadlock: deadlock.py KIND SECONDS, with KIND queue.Queue or sluice.SafeQueue.

A signal's handler puts into the queue that the main thread puts into, every 200 us. Prints how
often, and ends; or it does not.
"""

import importlib
import signal
import sys
import threading
import time

module, _, name = sys.argv[1].rpartition(".")
tested = getattr(importlib.import_module(module), name)()
until = time.monotonic() + float(sys.argv[2])
signals: list[int] = []
handling: list[bool] = []


def handle(*_: object) -> None:
    if not handling:  # or handlers would pile up in one another
        handling.append(True)
        tested.put("from the handler")
        signals.append(puts)
        handling.clear()


def consume() -> None:
    while tested.get() != "the end":
        pass


consumer = threading.Thread(target=consume, daemon=True)
consumer.start()
puts = 0
signal.signal(signal.SIGALRM, handle)
signal.setitimer(signal.ITIMER_REAL, 0.0002, 0.0002)
while time.monotonic() < until:
    tested.put(puts)
    puts += 1
signal.setitimer(signal.ITIMER_REAL, 0)
signal.signal(signal.SIGALRM, signal.SIG_IGN)
tested.put("the end")
consumer.join()
print(f"{puts} puts and {len(signals)} signals")
