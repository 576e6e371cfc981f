"""Crochet's names on Sluice's loop, with Twisted."""

import asyncio
import contextlib
import logging
import sys
import threading
import unittest
import warnings
from typing import Any

from helpers import SOON, Started, await_blocked, recorded, settled_and_logged

import sluice
from sluice import crochet

crochet.setup()

from twisted.internet import asyncioreactor, defer, reactor, threads, utils  # noqa: E402
from twisted.internet.endpoints import TCP4ClientEndpoint, TCP4ServerEndpoint  # noqa: E402
from twisted.internet.protocol import Factory, Protocol  # noqa: E402
from twisted.python import failure, log, threadable  # noqa: E402
from twisted.web import resource, server  # noqa: E402

THE_REACTOR: Any = reactor


@crochet.run_in_reactor
def passed(value: Any) -> Any:
    return value() if callable(value) else value


@crochet.wait_for(timeout=SOON)
def in_the_reactor(function: Any) -> Any:
    return function()


def later(value: Any, seconds: float = 0.01) -> Any:
    """A Deferred that fires with a value, or fails with an exception."""
    deferred: Any = defer.Deferred()
    fire = deferred.errback if isinstance(value, BaseException) else deferred.callback
    THE_REACTOR.callLater(seconds, fire, value)
    return deferred


class Reactor(unittest.TestCase):
    def test_it_runs_on_our_loop(self) -> None:
        self.assertIsInstance(reactor, asyncioreactor.AsyncioSelectorReactor)
        self.assertTrue(THE_REACTOR.running)
        loop, name, is_io = in_the_reactor(
            lambda: (
                asyncio.get_running_loop(),
                threading.current_thread().name,
                threadable.isInIOThread(),
            )
        )
        self.assertIs(loop, THE_REACTOR._asyncioEventloop)
        self.assertEqual("sluice._loop_java", type(loop).__module__)
        self.assertTrue(name.startswith("sluice-loop-"))
        self.assertTrue(is_io)
        self.assertFalse(threadable.isInIOThread())

    def test_setup_may_be_called_often(self) -> None:
        for thread in [Started(crochet.setup) for _ in range(4)]:
            thread.result()
        sluice.setup()
        self.assertTrue(THE_REACTOR.running)

    def test_no_setup_comes_too_late(self) -> None:
        with self.assertRaisesRegex(RuntimeError, "SL166"):
            crochet.no_setup()

    def test_child_processes(self) -> None:
        output = crochet.wait_for(SOON)(utils.getProcessOutput)("/bin/echo", [b"spoken"])
        self.assertEqual(b"spoken\n", output)


class Deferreds(unittest.TestCase):
    def test_values(self) -> None:
        self.assertEqual(1, passed(lambda: defer.succeed(1)).wait(SOON))
        self.assertEqual(2, passed(lambda: later(2)).wait(timeout=SOON))
        self.assertEqual(3, passed(3).wait())
        self.assertEqual(4, in_the_reactor(lambda: later(4)))

    def test_failures_as_they_came(self) -> None:
        made = failure.Failure(ValueError("on purpose"))
        result = passed(lambda: defer.fail(made))
        for _ in range(2):
            with self.assertRaisesRegex(ValueError, "on purpose"):
                result.wait(SOON)
        self.assertIs(made, result.original_failure())
        with self.assertRaises(ZeroDivisionError):
            in_the_reactor(lambda: 1 / 0)
        raised = passed(lambda: 1 / 0)
        with self.assertRaises(ZeroDivisionError):
            raised.wait(SOON)
        found = raised.original_failure()
        self.assertIsInstance(found, failure.Failure)
        self.assertIn("1 / 0", found.getTraceback())

    def test_what_is_no_failure_has_no_original(self) -> None:
        done = passed(1)
        done.wait(SOON)
        self.assertIsNone(done.original_failure())
        self.assertIsNone(passed(lambda: later(1, 0.2)).original_failure())

    def test_cancelling(self) -> None:
        for turn in (lambda: in_the_reactor(lambda: None), lambda: None):
            cancelled = threading.Event()
            result = passed(lambda event=cancelled: defer.Deferred(lambda _: event.set()))
            turn()
            result.cancel()
            with self.assertRaises(defer.CancelledError):
                result.wait(SOON)
        before = passed(lambda: None)
        before.cancel()
        with contextlib.suppress(defer.CancelledError):  # or it was done before
            before.wait(SOON)

    def test_a_timeout_cancels_quietly(self) -> None:
        cancelled = threading.Event()

        @crochet.wait_for(timeout=0.02)
        def never() -> Any:
            return defer.Deferred(lambda _: cancelled.set())

        with recorded() as logged:
            with self.assertRaises(crochet.TimeoutError):
                never()
            self.assertTrue(cancelled.wait(SOON))
            settled_and_logged()
        self.assertEqual([], logged.texts())

    def test_of_a_deferred_that_is_there(self) -> None:
        deferred: Any = defer.Deferred()
        result = crochet.EventualResult(deferred, None)
        waiting = Started(result.wait, SOON)
        await_blocked(waiting)
        in_the_reactor(lambda: deferred.callback("fired"))
        self.assertEqual("fired", waiting.result())
        self.assertIs(crochet.EventualResult, crochet.DeferredResult)
        self.assertIsInstance(result, sluice.EventualResult)

    def test_stashing(self) -> None:
        number = passed(5).stash()
        self.assertEqual(5, crochet.retrieve_result(number).wait(SOON))
        with self.assertRaises(KeyError):
            crochet.retrieve_result(number)

    def test_nobody_waits_in_the_reactor(self) -> None:
        done = passed(1)
        done.wait(SOON)

        def waits() -> None:
            passed(2).wait(SOON)

        with self.assertRaisesRegex(RuntimeError, "SL168"):
            in_the_reactor(waits)

    def test_uncollected_failures_are_logged_once(self) -> None:
        with recorded() as logged:
            passed(lambda: later(ValueError("lost")))
            in_the_reactor(lambda: later(None, 0.1))
            settled_and_logged()
        texts = [text for text in logged.texts() if "nobody has collected" in text]
        self.assertEqual(1, len(texts), logged.texts())
        self.assertEqual(1, len(logged.records), logged.texts())


class Coroutines(unittest.TestCase):
    def test_deferreds_and_futures_side_by_side(self) -> None:
        @crochet.wait_for(timeout=SOON)
        async def both() -> list[Any]:
            found: list[Any] = [await later("deferred")]
            found.append(await asyncio.sleep(0.01, "future"))
            found.append(await defer.succeed("fired before"))
            with contextlib.suppress(ValueError):
                await later(ValueError("caught"))
            found.append(await asyncio.wait_for(asyncio.sleep(0, "in time"), SOON))
            found.append(await threads.deferToThread(lambda: "of the pool"))
            return found

        self.assertEqual(["deferred", "future", "fired before", "in time", "of the pool"], both())

    def test_what_a_deferred_fails_with(self) -> None:
        @crochet.wait_for(timeout=SOON)
        async def fails() -> None:
            await later(ValueError("of the Deferred"))

        with self.assertRaisesRegex(ValueError, "of the Deferred"):
            fails()

    def test_cancelling_cancels_the_deferred(self) -> None:
        cancelled, begun = threading.Event(), threading.Event()

        @crochet.run_in_reactor
        async def awaits() -> None:
            begun.set()
            await defer.Deferred(lambda _: cancelled.set())

        with recorded() as logged:
            result = awaits()
            self.assertTrue(begun.wait(SOON))
            result.cancel()
            with self.assertRaises(defer.CancelledError):
                result.wait(SOON)
            self.assertTrue(cancelled.wait(SOON))
            settled_and_logged()
        self.assertEqual([], logged.texts())

    def test_a_coroutine_may_go_on_after_that(self) -> None:
        @crochet.run_in_reactor
        async def tidies() -> str:
            try:
                await defer.Deferred()
            except asyncio.CancelledError:
                return str(await later("tidied"))
            return ""

        result = tidies()
        in_the_reactor(lambda: later(None, 0.02))
        result.cancel()
        self.assertEqual("tidied", result.wait(SOON))


class Deprecated(unittest.TestCase):
    def test_in_reactor_and_wait_for_reactor(self) -> None:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")

            @crochet.in_reactor
            def given(the_reactor: Any, value: int) -> tuple[Any, int]:
                return the_reactor, value

            @crochet.wait_for_reactor
            def waits(value: int) -> Any:
                return later(value)

        self.assertEqual([DeprecationWarning] * 2, [each.category for each in caught])
        self.assertEqual((reactor, 3), given(3).wait(SOON))
        self.assertEqual(4, waits(4))
        self.assertEqual("given", given.__name__)

    def test_the_version_is_crochets(self) -> None:
        self.assertRegex(crochet.__version__, r"^2\.")
        self.assertTrue(set(crochet.__all__) <= set(dir(crochet)))


class Pool(unittest.TestCase):
    def test_a_thread_that_waits_makes_room(self) -> None:
        """All threads of the pool wait for what needs one of it."""
        pool = THE_REACTOR.getThreadPool()
        before = pool.min, pool.max
        in_the_reactor(lambda: THE_REACTOR.suggestThreadPoolSize(3))

        @crochet.wait_for(timeout=SOON)
        def needs_the_pool() -> Any:
            return threads.deferToThread(lambda: 1)

        try:
            many = in_the_reactor(
                lambda: defer.gatherResults(
                    [threads.deferToThread(needs_the_pool) for _ in range(12)]
                )
            )
            self.assertEqual([1] * 12, many)
            self.assertEqual(3, pool.max)
        finally:
            in_the_reactor(lambda: pool.adjustPoolsize(*before))


class Logging(unittest.TestCase):
    def test_twisteds_log_goes_to_pythons(self) -> None:
        logging.getLogger("twisted").setLevel(logging.DEBUG)
        with recorded() as logged:
            in_the_reactor(lambda: log.msg("said by Twisted"))
            in_the_reactor(lambda: log.err(ValueError("failed in Twisted"), "why"))
        self.assertEqual(["twisted"] * 2, [record.name for record in logged.records])
        self.assertEqual("said by Twisted", logged.texts()[0])
        self.assertEqual(logging.CRITICAL, logged.records[1].levelno)
        self.assertIn("failed in Twisted", logged.texts()[1])

    def test_warnings_stay_pythons(self) -> None:
        with self.assertWarnsRegex(UserWarning, "a warning"):
            warnings.warn("a warning", UserWarning, stacklevel=1)


class Web(unittest.TestCase):
    """Twisted's server and clients on the loop, driven by blocking code."""

    class Page(resource.Resource):
        isLeaf = True  # noqa: N815 (Twisted's name)

        def render_GET(self, request: Any) -> bytes:  # noqa: N802
            return b"asked for " + bytes(request.path)

        def render_POST(self, request: Any) -> Any:  # noqa: N802
            def answer() -> None:
                request.write(request.content.read()[::-1])
                request.finish()

            THE_REACTOR.callLater(0.01, answer)
            return server.NOT_DONE_YET

    def test_a_server_and_treq(self) -> None:
        import treq  # noqa: PLC0415 (which wants the reactor)

        endpoint = TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1")
        port = crochet.wait_for(SOON)(endpoint.listen)(server.Site(self.Page()))
        base = f"http://127.0.0.1:{port.getHost().port}"

        @crochet.wait_for(timeout=SOON)
        async def get(path: str) -> bytes:
            response = await treq.get(base + path, persistent=False)
            return bytes(await treq.content(response))

        @crochet.wait_for(timeout=SOON)
        def post(data: bytes) -> Any:
            asked = treq.post(f"{base}/any", data=data, persistent=False)
            return asked.addCallback(treq.content)

        self.assertEqual(b"asked for /one", get("/one"))
        clients = [Started(get, f"/{number}") for number in range(20)]
        for number, client in enumerate(clients):
            self.assertEqual(f"asked for /{number}".encode(), client.result())
        self.assertEqual(b"cba", post(b"abc"))
        self.assertEqual(b"x" * 500_000, post(b"x" * 500_000))
        crochet.wait_for(SOON)(port.stopListening)()

    def test_protocols(self) -> None:
        class Echo(Protocol):
            def dataReceived(self, data: bytes) -> None:  # noqa: N802
                self.transport.write(data)

        class Collect(Protocol):
            def __init__(self) -> None:
                self.arrived: Any = defer.Deferred()
                self.data = b""

            def dataReceived(self, data: bytes) -> None:  # noqa: N802
                self.data += data
                if len(self.data) == 1_000_000:
                    self.arrived.callback(self.data)

        endpoint = TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1")
        port = crochet.wait_for(SOON)(endpoint.listen)(Factory.forProtocol(Echo))

        @crochet.wait_for(timeout=SOON)
        async def talk() -> bytes:
            client = TCP4ClientEndpoint(reactor, "127.0.0.1", port.getHost().port)
            protocol = await client.connect(Factory.forProtocol(Collect))
            protocol.transport.write(b"y" * 1_000_000)
            data = await protocol.arrived
            protocol.transport.loseConnection()
            return bytes(data)

        self.assertEqual(b"y" * 1_000_000, talk())
        crochet.wait_for(SOON)(port.stopListening)()


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
