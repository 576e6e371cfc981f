"""Requests of WSGI as microthreads, with a door that is a part of the test: what Java is told."""

import asyncio
import time
import unittest
from collections.abc import Callable, Iterable
from typing import Any

from helpers import LONG, MicrothreadTest

from sluice import microthread
from sluice._wsgi_microthreads import Service

_NOTHING = 0
Application = Callable[[Any, Any], Iterable[bytes]]


class Door:
    """Some requests, and what becomes of them."""

    def __init__(self, *applications: Application) -> None:
        self._requests: list[list[Any]] = [
            [number, application, {}, None] for number, application in enumerate(applications)
        ]
        self.sent: list[tuple[int, bytes]] = []
        self.ended: list[tuple[int, type | None, tuple[object, ...]]] = []

    def take(self) -> list[list[Any]]:
        taken, self._requests = self._requests, []
        return taken

    def send(self, number: int, piece: bytes, _position: int) -> int:
        self.sent.append((number, piece))
        return -1

    def end(self, number: int, error: BaseException | None) -> None:
        self.ended.append((number, type(error) if error else None, error.args if error else ()))

    def functions(self) -> tuple[Callable[..., Any], ...]:
        def nothing(*_args: object) -> int:
            return _NOTHING

        def fails(*_args: object) -> None:
            raise AssertionError("nothing waits for its client here")

        return (
            *(self.take, list, nothing, self.send, fails, fails),
            *(nothing, fails, self.end),
        )


def answers(_environ: object, _start_response: object) -> list[bytes]:
    time.sleep(0.001)
    return [b"answer"]


def waits(_environ: object, _start_response: object) -> list[bytes]:
    time.sleep(1000)
    return []


class Cancelled(MicrothreadTest):
    """A request is over once, however its microthread ends."""

    def run_service(self, door: Door, cancel: Callable[[Service], object]) -> str:
        """Cancels something when its requests have begun; what a cancellation at the end says."""

        async def main() -> str:
            service = Service(asyncio.get_running_loop(), door.functions())
            service.begin()
            cancel(service)
            async with asyncio.timeout(LONG):
                while service._running or microthread.running():
                    await asyncio.sleep(0.001)
            return service.cancel(0, "too late")

        return asyncio.run(main())

    def test_in_the_pass_in_which_it_begins(self) -> None:
        door = Door(waits, answers)
        stacks: list[str] = []
        self.run_service(door, lambda service: stacks.append(service.cancel(0, "too late")))
        self.assertIn("in waits", stacks[0])
        self.assertEqual([(1, b"answer")], door.sent)
        self.assertCountEqual(
            [(0, asyncio.CancelledError, ("too late",)), (1, None, ())], door.ended
        )

    def test_where_it_waits(self) -> None:
        door = Door(waits)
        self.run_service(
            door,
            lambda service: service._loop.call_later(0.01, service.cancel, 0, "too late"),
        )
        self.assertEqual([(0, asyncio.CancelledError, ("too late",))], door.ended)

    def test_twice(self) -> None:
        door = Door(waits)

        def cancel(service: Service) -> None:
            service.cancel(0, "too late")
            service.cancel(0, "the server ends")

        self.run_service(door, cancel)
        self.assertEqual([(0, asyncio.CancelledError)], [each[:2] for each in door.ended])

    def test_one_that_has_ended(self) -> None:
        door = Door(answers)
        self.assertEqual("", self.run_service(door, lambda _: None))
        self.assertEqual([(0, None, ())], door.ended)


if __name__ == "__main__":
    unittest.main()
