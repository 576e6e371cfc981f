"""SafeQueueHandler: nothing is lost, nothing deadlocks, nothing is logged without end."""

import gc
import importlib.util
import io
import logging
import os
import signal
import sys
import threading
import time
import unittest
from typing import Any

import ledger

import sluice

SECONDS = 20.0 if os.environ.get("QUEUE_TEST_TIER") == "full" else 3.0


class Kept(logging.Handler):
    """Keeps what it gets; may be held up."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []
        self.threads: set[str] = set()
        self.goes_on = threading.Event()
        self.goes_on.set()
        self.about: Any = None
        self.flushed = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.goes_on.wait(10)
        self.threads.add(threading.current_thread().name)
        self.records.append(record)
        if self.about is not None:
            self.about(record)

    def flush(self) -> None:
        self.flushed += 1

    def messages(self) -> list[str]:
        return [record.getMessage() for record in self.records]


class Changing:
    text = "before"

    def __str__(self) -> str:
        return self.text


class Logging(unittest.TestCase):
    """One logger with one handler of ours."""

    maxsize = 10_000

    def setUp(self) -> None:
        self.kept = Kept()
        self.handler = sluice.SafeQueueHandler(self.kept, maxsize=self.maxsize)
        self.log = logging.getLogger(self.id())
        self.log.propagate = False
        self.log.setLevel(logging.DEBUG)
        self.log.addHandler(self.handler)
        self.addCleanup(self.handler.close)

    def test_in_order_on_its_own_thread(self) -> None:
        for number in range(1_000):
            self.log.info("number %d", number)
        self.handler.flush()
        self.assertEqual([f"number {number}" for number in range(1_000)], self.kept.messages())
        self.assertEqual({"sluice-logging"}, self.kept.threads)
        self.assertEqual(1, self.kept.flushed)

    def test_what_is_logged_is_what_it_was(self) -> None:
        self.kept.goes_on.clear()
        changing = Changing()
        self.log.info("%s", changing)
        changing.text = "after"
        try:
            raise KeyError("why")
        except KeyError:
            self.log.exception("failed")
        self.kept.goes_on.set()
        self.handler.flush()
        first, second = self.kept.records
        self.assertEqual("before", first.getMessage())
        self.assertIsNone(second.exc_info)
        text = logging.Formatter("%(levelname)s %(message)s").format(second)
        self.assertRegex(text, r"(?s)^ERROR failed\nTraceback .*\nKeyError: 'why'$")

    def test_levels_and_filters(self) -> None:
        self.kept.setLevel(logging.WARNING)
        self.handler.addFilter(lambda record: "not this" not in record.getMessage())
        self.log.info("too little")
        self.log.warning("not this")
        self.log.warning("this")
        self.handler.flush()
        self.assertEqual(["this"], self.kept.messages())

    def test_a_message_that_fails_harms_nobody(self) -> None:
        before, sys.stderr = sys.stderr, io.StringIO()
        try:
            self.log.info("%d", "no number")
            said = sys.stderr.getvalue()
        finally:
            sys.stderr = before
        self.assertIn("Logging error", said)
        self.log.info("next")
        self.handler.flush()
        self.assertEqual(["next"], self.kept.messages())

    def test_a_handler_that_fails_harms_nobody(self) -> None:
        def fails(record: logging.LogRecord) -> None:
            if record.getMessage() == "fails":
                raise SystemExit

        self.kept.about = fails
        before, sys.stderr = sys.stderr, io.StringIO()
        try:
            self.log.info("fails")
            self.log.info("next")
            self.handler.flush()
        finally:
            sys.stderr = before
        self.assertEqual(["fails", "next"], self.kept.messages())

    def test_a_handler_that_logs_does_not_log_for_ever(self) -> None:
        self.kept.about = lambda record: self.log.info("about %s", record.getMessage())
        self.log.info("something")
        self.handler.flush()
        self.handler.flush()
        self.assertEqual(["something", "about something"], self.kept.messages())

    def test_flushed_while_it_writes(self) -> None:
        self.kept.goes_on.clear()
        self.log.info("first")
        while self.handler._writer._records.qsize():
            time.sleep(0.001)
        self.log.info("second")
        threading.Timer(0.1, self.kept.goes_on.set).start()
        self.handler.flush()
        self.assertEqual(["first", "second"], self.kept.messages())

    def test_it_needs_handlers(self) -> None:
        for wrong in ((), ([self.kept],), ("a name",)):
            with self.assertRaisesRegex(TypeError, "SafeQueueHandler needs"):
                sluice.SafeQueueHandler(*wrong)  # type: ignore[arg-type]

    def test_closed(self) -> None:
        for number in range(100):
            self.log.info("%d", number)
        self.handler.close()
        self.handler.close()
        self.assertEqual(100, len(self.kept.records))
        self.log.info("later")
        self.assertEqual("later", self.kept.messages()[-1])

    def test_a_signal_handler_may_flush(self) -> None:
        self.kept.goes_on.clear()
        before = signal.signal(signal.SIGUSR1, lambda *_: self.handler.flush())
        self.log.info("held up")
        signal.raise_signal(signal.SIGUSR1)
        signal.signal(signal.SIGUSR1, before)
        self.kept.goes_on.set()

    def test_a_handler_that_takes_too_long_is_named(self) -> None:
        slow = Kept()
        slow.goes_on.clear()
        handler = sluice.SafeQueueHandler(slow, close_timeout=0.05)
        handler.handle(logging.makeLogRecord({"msg": "held up", "levelno": 20}))
        before, sys.stderr = sys.stderr, io.StringIO()
        try:
            handler.close()
            said = sys.stderr.getvalue()
        finally:
            sys.stderr = before
            slow.goes_on.set()
        self.assertRegex(said, r"1 log records or more were not written within 0\.05 s.*Kept")

    def test_anywhere(self) -> None:
        """Signals and finalisers log while threads do, and while the handler is inside."""
        count = [0]
        log = self.log
        stream = io.StringIO()
        real = logging.StreamHandler(stream)
        handler = sluice.SafeQueueHandler(real, maxsize=0)
        log.handlers = [handler]

        def logs(where: str) -> None:
            log.info("%s", where)
            count[0] += 1

        class Ends:
            def __init__(self) -> None:
                self.itself = self

            def __del__(self) -> None:
                log.info("__del__")

        until = time.monotonic() + SECONDS
        lines = {"thread 0": 0, "thread 1": 0, "main": 0}

        def work(name: str) -> None:
            while time.monotonic() < until:
                log.info("%s: %d", name, lines[name])
                lines[name] += 1
                Ends()
                if handler._writer._records.qsize() > ledger.MOST:
                    time.sleep(0.001)

        threads = [threading.Thread(target=work, args=(f"thread {n}",)) for n in range(2)]
        for thread in threads:
            thread.start()
        with ledger.alarms(lambda: logs("signal")) as calls:
            work("main")
        for thread in threads:
            thread.join()
        gc.collect()
        handler.close()
        written = stream.getvalue().splitlines()
        for name, number in lines.items():
            mine = [line for line in written if line.startswith(f"{name}: ")]
            self.assertEqual([f"{name}: {each}" for each in range(number)], mine)
        self.assertEqual(count[0], written.count("signal"))
        self.assertGreater(calls[0], 50)
        finalised = written.count("__del__")
        print(f"{len(written)} lines, {count[0]} of a handler, {finalised} of finalisers")


class WithoutBound(Logging):
    """No record is dropped."""

    maxsize = 0


class Dropping(Logging):
    """A bound that is reached."""

    maxsize = 5

    def test_in_order_on_its_own_thread(self) -> None:
        """There is more than fits."""

    def test_closed(self) -> None:
        """The same."""

    def test_what_has_no_room_is_counted(self) -> None:
        self.kept.goes_on.clear()
        self.log.info("first")
        while self.handler._writer._records.qsize():
            time.sleep(0.001)
        for number in range(8):
            self.log.info("%d", number)
        self.assertEqual(3, self.handler.dropped)
        self.kept.goes_on.set()
        self.handler.flush()
        self.log.info("last")
        self.handler.flush()
        report = "3 log records were dropped: more than 5 waited"
        self.assertEqual(["first", report, "0", "1", "2", "3", "4", "last"], self.kept.messages())


@unittest.skipUnless(
    importlib.util.find_spec("sluice._log_door"), "there is no Java in plain Python"
)
class WithJava(unittest.TestCase):
    """Records of both languages."""

    def setUp(self) -> None:
        self.java = importlib.import_module("sluice.java")
        self.kept = Kept()
        self.handler = sluice.SafeQueueHandler(self.kept, maxsize=0, java=True)
        self.addCleanup(self.handler.close)
        self.log = logging.getLogger(self.id())
        self.log.propagate = False
        self.log.setLevel(logging.DEBUG)
        self.log.addHandler(self.handler)
        factory = self.java.type("org.slf4j.LoggerFactory")
        self.java_log = factory.getLogger("dev.sluice.test")

    def test_one_order(self) -> None:
        """Threads that log in both languages by turns."""

        def work(name: str) -> None:
            for number in range(0, 500, 2):
                self.log.info("%s %d", name, number)
                self.java_log.warn(f"{name} {number + 1}")

        threads = [threading.Thread(target=work, args=(f"thread{n}",)) for n in range(3)]
        for thread in threads:
            thread.start()
        work("main")
        for thread in threads:
            thread.join()
        self.handler.flush()
        written: dict[str, list[int]] = {}
        for message in self.kept.messages():
            name, number = message.split()
            written.setdefault(name, []).append(int(number))
        self.assertEqual(["main", "thread0", "thread1", "thread2"], sorted(written))
        for numbers in written.values():
            self.assertEqual(list(range(500)), numbers)

    def test_what_a_record_of_java_has(self) -> None:
        failure = self.java.type("java.lang.IllegalStateException")("on purpose")
        self.java_log.error("it failed", failure)
        self.handler.flush()
        (record,) = self.kept.records
        self.assertEqual(("dev.sluice.test", "ERROR"), (record.name, record.levelname))
        self.assertAlmostEqual(time.time(), record.created, delta=10)
        text = logging.Formatter("%(message)s").format(record)
        self.assertRegex(text, r"^it failed\njava\.lang\.IllegalStateException: on purpose\n\tat ")

    def test_java_alone_is_written_as_well(self) -> None:
        self.java_log.warn("only Java logs")
        limit = time.monotonic() + 10
        while not self.kept.records and time.monotonic() < limit:
            time.sleep(0.001)
        self.assertEqual(["only Java logs"], self.kept.messages())

    def test_one_handler_at_a_time(self) -> None:
        with self.assertRaisesRegex(RuntimeError, "close it first"):
            sluice.SafeQueueHandler(self.kept, java=True)

    def test_what_is_left_is_written_when_it_is_closed(self) -> None:
        for number in range(100):
            self.java_log.warn(f"{number}")
        self.handler.close()
        self.assertEqual([f"{number}" for number in range(100)], self.kept.messages())
        self.java_log.warn("not by Python any more")
        self.assertEqual(100, len(self.kept.records))

    def test_the_order_holds_at_the_end(self) -> None:
        self.kept.goes_on.clear()
        for number in range(0, 40, 2):
            self.log.info("%d", number)
            self.java_log.warn(f"{number + 1}")
        threading.Timer(0.1, self.kept.goes_on.set).start()
        self.handler.close()
        self.assertEqual([f"{number}" for number in range(40)], self.kept.messages())

    def test_levels(self) -> None:
        self.handler.setLevel(logging.ERROR)
        self.java_log.warn("too little")
        self.java_log.error("enough")
        self.handler.flush()
        self.assertEqual(["enough"], self.kept.messages())


if __name__ == "__main__":
    unittest.main()
