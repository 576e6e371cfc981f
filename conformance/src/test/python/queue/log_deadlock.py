"""A handler that hands records to a thread by a queue.Queue, as QueueHandler does, and a finaliser
that logs: log_deadlock.py plain|sluice. The plain one hangs.
"""

import logging
import logging.handlers
import queue
import signal
import sys
import threading
import time

import sluice

stream = logging.NullHandler()
handler: logging.Handler
if sys.argv[1] == "plain":
    records: queue.Queue[logging.LogRecord] = queue.Queue()
    handler = logging.handlers.QueueHandler(records)
    logging.handlers.QueueListener(records, stream).start()
else:
    handler = sluice.SafeQueueHandler(stream, maxsize=0)
logging.basicConfig(level="INFO", handlers=[handler])
log = logging.getLogger("deadlock")
inside = threading.local()
lines = 0


def handle(*_: object) -> None:
    if not getattr(inside, "handling", False):
        inside.handling = True
        log.info("from a signal handler")
        inside.handling = False


signal.signal(signal.SIGALRM, handle)
signal.setitimer(signal.ITIMER_REAL, 0.0002, 0.0002)
until = time.monotonic() + 2
while time.monotonic() < until:
    log.info("from the program")
    lines += 1
signal.setitimer(signal.ITIMER_REAL, 0)
signal.signal(signal.SIGALRM, signal.SIG_IGN)
print(f"logged {lines} lines")
