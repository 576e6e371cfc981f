"""Logging that cannot deadlock: see SafeQueueHandler."""

import atexit
import copy
import itertools
import logging
import queue
import sys
import threading
import weakref
from collections.abc import Iterable
from typing import Any

from sluice._queue_waiting import QueueClosed
from sluice._safe_queue import SafeQueue

_FORMATTER = logging.Formatter()
#: So far records are passed on: what a handler logs about one, but not what it logs about that.
_GENERATIONS = 1


class SafeQueueHandler(logging.Handler):
    """Hands records to other handlers on a thread of its own, and never waits.

        logging.basicConfig(handlers=[sluice.SafeQueueHandler(logging.StreamHandler())])

    Handlers have a lock while they emit, so that a record logged by what interrupts them there, a
    signal handler of another handler's, or a finaliser on another thread, may wait for ever. This
    one has no lock: all it does is to put the record into a SafeQueue, which may be done anywhere.
    The other handlers run on the thread `sluice-logging` only, and whoever logs never waits for
    them.

    - Whoever logs merges the message with its arguments, and makes a text of the exception: both
      may have changed, or be gone, when the record is written, and would be kept alive until then.
    - Not more than maxsize records wait. Further ones are dropped, and counted: a warning says how
      many, as soon as there is room.
    - What a handler logs while it handles a record is passed on; what it logs about that is
      dropped. So nothing is logged without end.
    - `flush` waits until all that was logged before is written; so does the end of the program,
      and `close`, for up to close_timeout seconds. What is logged afterwards is handed to the
      handlers where it is logged.
    """

    def __init__(
        self,
        *handlers: logging.Handler,
        level: int | str = logging.NOTSET,
        maxsize: int = 10_000,
        close_timeout: float = 5.0,
    ) -> None:
        super().__init__(level)
        self.handlers = handlers
        self._close_timeout = close_timeout
        self._writer = _Writer(handlers, SafeQueue(maxsize))
        self._writer.start()
        # Before logging's own, which closes the others.
        atexit.register(_flush_at_exit, weakref.ref(self))

    # -- a handler without a lock

    def createLock(self) -> None:  # noqa: N802 (logging's name)
        """There is none: see above."""
        self.lock = None

    def acquire(self) -> None:
        """There is nothing to acquire."""

    def release(self) -> None:
        """There is nothing to release."""

    def handle(self, record: logging.LogRecord) -> Any:
        """As logging's, without a lock."""
        chosen: Any = self.filter(record)
        if isinstance(chosen, logging.LogRecord):
            record = chosen
        if chosen:
            self.emit(record)
        return chosen

    def emit(self, record: logging.LogRecord) -> None:
        """Puts the record into the queue, or counts it."""
        try:
            self._writer.enqueue(prepare(record))
        except Exception:
            self.handleError(record)

    # -- the end

    @property
    def dropped(self) -> int:
        """How many records were dropped."""
        return self._writer.dropped.total()

    def flush(self) -> None:
        """Waits until all that was logged before is written; not where nobody must wait."""
        self._writer.flush(None)

    def close(self) -> None:
        """Has all that was logged written, and ends the thread."""
        self._writer.close(self._close_timeout)
        super().close()


def prepare(record: logging.LogRecord) -> logging.LogRecord:
    """A copy that holds texts only, and so may be written at any time."""
    prepared = copy.copy(record)
    prepared.msg = prepared.message = record.getMessage()
    prepared.args = None
    if record.exc_info and not record.exc_text:
        prepared.exc_text = _FORMATTER.formatException(record.exc_info)
    prepared.exc_info = None
    return prepared


class Count:
    """A number that any place may count up, as that is one call in C."""

    def __init__(self) -> None:
        self._numbers = itertools.count()

    def add(self) -> None:
        next(self._numbers)

    def total(self) -> int:
        # Which only its text tells without counting up.
        return int(repr(self._numbers).removeprefix("count(").removesuffix(")"))


class _Writer(threading.Thread):
    """The thread, which owns what it needs, and not its handler."""

    def __init__(self, handlers: Iterable[logging.Handler], records: SafeQueue[Any]) -> None:
        super().__init__(name="sluice-logging", daemon=True)
        self.dropped = Count()
        self._handlers = tuple(handlers)
        self._records = records
        self._reported = 0
        #: The generation of the record that is being written.
        self._generation = 0

    # -- on any thread

    def enqueue(self, record: logging.LogRecord) -> None:
        generation = 0
        if threading.get_ident() == self.ident:
            generation = self._generation + 1
            if generation > _GENERATIONS:
                return
        try:
            self._records.put_nowait((generation, record))
        except queue.Full:
            self.dropped.add()
        except QueueClosed:
            self._pass_on(record)

    def flush(self, timeout: float | None) -> bool:
        """Whether everything was written."""
        if threading.get_ident() == self.ident:
            return False
        written: SafeQueue[None] = SafeQueue()
        try:
            self._records.put((0, written), timeout=timeout)
            written.get(timeout=timeout)
        except (queue.Full, queue.Empty):
            return False
        except QueueClosed:
            pass
        return True

    def close(self, timeout: float) -> None:
        self._records.close()
        if threading.get_ident() == self.ident:
            return
        self.join(timeout)
        if self.is_alive():
            left = self._records.qsize()
            print(
                f"sluice: {left + 1} log records or more were not written within {timeout} s,"
                f" as one of these handlers takes so long: {self._handlers}",
                file=sys.stderr,
            )

    # -- on its own

    def run(self) -> None:
        for generation, item in self._records:
            if isinstance(item, SafeQueue):
                self._flush_handlers()
                item.put(None)
            else:
                self._report_dropped()
                self._generation = generation
                self._pass_on(item)
            del item
        self._report_dropped()
        self._flush_handlers()

    def _pass_on(self, record: logging.LogRecord) -> None:
        for handler in self._handlers:
            try:
                if record.levelno >= handler.level:
                    handler.handle(record)
            except BaseException:
                handler.handleError(record)

    def _report_dropped(self) -> None:
        total = self.dropped.total()
        if total > self._reported:
            count = total - self._reported
            self._reported = total
            self._generation = _GENERATIONS
            message = f"{count} log records were dropped: more than {self._records.maxsize} waited"
            self._pass_on(
                logging.LogRecord("sluice", logging.WARNING, __file__, 0, message, None, None)
            )

    def _flush_handlers(self) -> None:
        for handler in self._handlers:
            try:
                handler.flush()
            except Exception:
                logging.Handler.handleError(handler, _NOTHING)


_NOTHING = logging.LogRecord("sluice", logging.ERROR, __file__, 0, "flush", None, None)


def _flush_at_exit(handler: "weakref.ref[SafeQueueHandler]") -> None:
    alive = handler()
    if alive is not None:
        alive._writer.flush(alive._close_timeout)
