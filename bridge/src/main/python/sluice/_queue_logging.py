"""Logging that cannot deadlock: see SafeQueueHandler."""

import atexit
import contextlib
import copy
import importlib
import itertools
import logging
import queue
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from sluice._count import Count
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
    - With java=True, Sluice's own records, and all that Java code logs by SLF4J, are written by the
      same handlers, in one order with Python's: a record of either language that is logged before
      another, on the same thread or seen by it, is written before it. One handler at a time.
    - `flush` waits until all that was logged before is written, for up to close_timeout seconds;
      so does `close`, and the end of the program. What is logged after that is handed to the
      handlers where it is logged.
    """

    def __init__(
        self,
        *handlers: logging.Handler,
        level: int | str = logging.NOTSET,
        maxsize: int = 10_000,
        close_timeout: float = 5.0,
        java: bool = False,
    ) -> None:
        if not handlers:
            raise TypeError("SafeQueueHandler needs the handlers that are to write, one or more")
        for each in handlers:
            if not isinstance(each, logging.Handler):
                raise TypeError(f"SafeQueueHandler needs handlers of logging's, not {each!r}")
        self.handlers = handlers
        self._close_timeout = close_timeout
        self._writer = _Writer(handlers, SafeQueue(maxsize), self._accepts)
        if java:
            self._writer.open_java()
        # Only now, because logging flushes at the end whatever it knows of.
        super().__init__(level)
        self._writer.start()
        # Before logging's own, which closes the others.
        self._at_exit = partial(_flush_at_exit, weakref.ref(self))
        atexit.register(self._at_exit)

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

    def _accepts(self, record: logging.LogRecord) -> Any:
        return record.levelno >= self.level and self.filter(record)

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
        return self._writer.total_dropped()

    def flush(self) -> None:
        """Waits until all that was logged before is written; not where nobody must wait."""
        self._writer.flush(self._close_timeout)

    def close(self) -> None:
        """Has all that was logged written, and ends the thread."""
        self._writer.close(self._close_timeout)
        atexit.unregister(self._at_exit)
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


def from_java(entry: Any) -> logging.LogRecord:
    """A record of Java's, as logging has them."""
    level = entry.level or logging.DEBUG // 2  # what SLF4J calls a trace is nothing here
    record = logging.LogRecord(entry.logger, level, "Java", 0, entry.message, None, None)
    record.created = entry.created
    record.msecs = entry.created * 1_000 % 1_000
    record.relativeCreated += (entry.created - time.time()) * 1_000
    record.thread = None
    record.threadName = entry.thread
    record.message = entry.message
    record.exc_text = entry.thrown
    return record


class _Writer(threading.Thread):
    """The thread, with the queue that it writes from.

    Each entry of the queue has a number, the generation of the record, and the record; or, in its
    place, a queue for whoever waits for a flush, or None. Numbers count where there is Java only:
    they are of one sequence with those of Java's records.
    """

    def __init__(
        self,
        handlers: Iterable[logging.Handler],
        records: SafeQueue[Any],
        accepts: Callable[[logging.LogRecord], Any],
    ) -> None:
        super().__init__(name="sluice-logging", daemon=True)
        self.dropped = Count()
        self._handlers = tuple(handlers)
        self._records = records
        self._accepts = accepts
        self._numbers: Iterator[int] = itertools.repeat(0)
        self._java: Any = None
        self._dropped_by_java = 0
        self._reported = 0
        #: The generation of the record that is being written.
        self._generation = 0

    def open_java(self) -> None:
        """Has Java's records written as well."""
        try:
            door = importlib.import_module("sluice._log_door")
        except ImportError:
            raise RuntimeError("there is no Java here: see `sluice run`") from None
        self._numbers = map(door.next_number, itertools.repeat(None))
        if not door.open(self._mark, self._records.maxsize or sys.maxsize):
            raise RuntimeError(
                "sluice SL163: another SafeQueueHandler has Java's records: close it first"
            )
        self._java = door

    # -- on any thread

    def total_dropped(self) -> int:
        return self.dropped.total() + self._dropped_by_java

    def enqueue(self, record: logging.LogRecord) -> None:
        generation = 0
        if threading.get_ident() == self.ident:
            generation = self._generation + 1
            if generation > _GENERATIONS:
                return
        try:
            self._put(generation, record)
        except queue.Full:
            self.dropped.add()
        except QueueClosed:
            self._pass_on(record, Exception)

    def _put(self, generation: int, item: Any) -> None:
        self._records._put_next(zip(self._numbers, (generation,), (item,), strict=False))

    def _mark(self) -> None:
        """Java has records; called by it."""
        with contextlib.suppress(queue.Full, QueueClosed):  # full of what asks for them, too
            self._put(0, None)

    def flush(self, timeout: float) -> bool:
        """Whether everything was written."""
        if threading.get_ident() == self.ident:
            return False
        written: SafeQueue[None] = SafeQueue()
        # Without a bound there is room at once, and put takes nothing but the item.
        options = {"timeout": timeout} if self._records.maxsize else {}
        try:
            self._records.put((next(self._numbers), 0, written), **options)
            written.get(timeout=timeout)
        except (queue.Full, queue.Empty):
            return False
        except QueueClosed:
            pass
        return True

    def close(self, timeout: float) -> None:
        if self._records.closed:
            return
        if self._java is not None:
            self._java.close()  # from now on Java's records go where they went before
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
        for number, generation, item in self._records:
            if self._java is not None:
                self._write_java(*self._java.take(number))
            if isinstance(item, SafeQueue):
                self._flush_handlers()
                item.put(None)
            elif item is not None:
                self._report_dropped()
                self._generation = generation
                self._pass_on(item)
            del item
        if self._java is not None:
            self._write_java(*self._java.end())
        self._report_dropped()
        self._flush_handlers()

    def _write_java(self, entries: list[Any], dropped: int) -> None:
        """Java's records that were logged before what comes next."""
        self._dropped_by_java += dropped
        for entry in entries:
            record = from_java(entry)
            if self._accepts(record):
                self._report_dropped()
                self._generation = 0
                self._pass_on(record)

    def _pass_on(
        self, record: logging.LogRecord, caught: type[BaseException] = BaseException
    ) -> None:
        for handler in self._handlers:
            try:
                if record.levelno >= handler.level:
                    handler.handle(record)
            except caught:
                handler.handleError(record)

    def _report_dropped(self) -> None:
        total = self.total_dropped()
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
    if alive is not None and not alive._writer.flush(alive._close_timeout):
        alive.close()  # which says whose fault that is, and then nobody waits again
