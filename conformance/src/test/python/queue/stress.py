"""A SafeQueue under interrupts: stress.py SECONDS [NAME...].

Runs under `sluice run`, and in plain Python where it can import sluice. Every item is accounted
for; what is wrong is an AssertionError.
"""

import collections
import gc
import queue
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from ledger import MOST, Producers, Share, account, alarms

import sluice


class Kill(BaseException):
    """What a handler raises."""


def interrupts(seconds: float, bound: int) -> str:
    """Signals, finalisers and callbacks of weak references put into a queue that they interrupt."""
    tested: Any = sluice.SafeQueue(bound)
    producers = Producers(tested)
    until = time.monotonic() + seconds

    class Litter:
        """Puts when it is collected, which is wherever memory is allocated."""

        def __init__(self) -> None:
            self.itself = self

        def __del__(self) -> None:
            producers.put_unless_inside("__del__")

    class Watched:
        pass

    def litter() -> None:
        Litter()
        watched = Watched()
        kept.append(weakref.ref(watched, lambda _: producers.put_unless_inside("weakref")))
        watched.itself = watched  # type: ignore[attr-defined]
        del watched

    kept: collections.deque[Any] = collections.deque(maxlen=2_000)

    def produce(name: str) -> None:
        while time.monotonic() < until:
            for _ in range(20):
                producers.put_next(name)
                litter()
            if not bound and tested.qsize() > MOST:
                time.sleep(0.001)

    def consume(share: Share) -> None:
        for item in tested:
            share.enter(item)

    mine = Share()
    shares = [Share(), Share()]
    consumers = [threading.Thread(target=consume, args=(share,)) for share in shares]
    threads = [threading.Thread(target=produce, args=(f"thread {n}",)) for n in range(3)]
    for thread in consumers + threads:
        thread.start()
    with alarms(lambda: producers.put_unless_inside("signal")) as calls:
        # The main thread does both, so that signals interrupt both.
        while time.monotonic() < until:
            for _ in range(10):
                producers.put_next("main")
                mine.enter(tested.get())
                litter()
    for thread in threads:
        thread.join()
    gc.collect()
    tested.close()
    for thread in consumers:
        thread.join()
    total = account([*shares, mine], producers)
    kinds: dict[str, int] = collections.Counter()
    for name, count in producers.put.items():
        kinds[name.split()[0]] += count
    return f"{calls[0]} signals, {total} items {dict(kinds)}"


def goes_on(until: float, seconds: float, killed: int) -> bool:
    """Whether that lasts on: to its end, or on a slow machine until enough were killed."""
    now = time.monotonic()
    return now < until or (killed <= 50 * seconds and now < until + 8 * seconds)


def kills(seconds: float, bound: int, how: str) -> str:
    """A handler raises into a consumer at any point: what has happened to each item is known."""
    tested: Any = queue.SimpleQueue() if how == "simple" else sluice.SafeQueue(bound)
    until = time.monotonic() + seconds
    count = 0
    killed = 0
    armed = False
    got: list[int] = []

    def handler() -> None:
        if armed:
            raise Kill

    def produce() -> None:
        nonlocal count
        while time.monotonic() < until:
            for _ in range(50):
                tested.put(count)
                count += 1
            time.sleep(0.0005)

    def consume() -> None:
        nonlocal armed
        armed = True
        while True:
            if how == "taking":
                with tested.taking() as item:
                    got.append(item)
            else:
                item = tested.get()
                got.append(item)

    producer = threading.Thread(target=produce)
    producer.start()
    with alarms(handler) as calls:
        while goes_on(until, seconds, killed):
            try:
                try:
                    consume()
                finally:
                    armed = False
            except Kill:
                killed += 1
            armed = False
    while producer.is_alive() or not tested.empty():
        with suppress(queue.Empty):
            got.append(tested.get(timeout=0.05))
    counted = collections.Counter(got)
    lost = count - len(counted)
    twice = sum(counted.values()) - len(counted)
    assert killed > 50 * seconds, f"only {killed} were killed"
    if how == "simple":
        assert lost, "a SimpleQueue loses some, or this test shows nothing"
    else:
        assert not lost, f"{lost} of {count} lost"
        assert got == sorted(got), "out of order"
    if how != "taking":  # there a block that was killed is run again
        assert not twice, f"{twice} of {count} twice"
    return f"{calls[0]} signals, {killed} killed, {count} items, {lost} lost, {twice} again"


def killed_among_others(seconds: float, bound: int) -> str:
    """Two wait, of whom one is killed at any point: each item is got by one of them, at once."""
    tested: Any = sluice.SafeQueue(bound)
    until = time.monotonic() + seconds
    armed = False
    killed = 0
    mine: list[int] = []
    others: list[int] = []
    worst = 0.0
    count = 0
    late = threading.Event()

    def handler() -> None:
        if armed:
            raise Kill

    def produce() -> None:
        nonlocal count, worst
        while time.monotonic() < until:
            tested.put(count)
            count += 1
            put = time.monotonic()
            while len(mine) + len(others) < count:
                if time.monotonic() > put + 5:
                    late.set()
                    return
                time.sleep(0)
            worst = max(worst, time.monotonic() - put)

    def consume() -> None:
        nonlocal armed
        armed = True
        while True:
            item = tested.get()
            mine.append(item)

    threads = [
        threading.Thread(target=lambda: others.extend(tested)),
        threading.Thread(target=produce),
    ]
    for thread in threads:
        thread.start()
    with alarms(handler) as calls:
        while time.monotonic() < until and not late.is_set():
            try:
                try:
                    consume()
                finally:
                    armed = False
            except Kill:
                killed += 1
            armed = False
    threads[1].join()
    tested.close()
    threads[0].join()
    assert not late.is_set(), f"an item was not got in time: {tested}"
    assert sorted(mine + others) == list(range(count)), "lost or twice"
    return (
        f"{calls[0]} signals, {killed} killed, {len(mine)} and {len(others)} items,"
        f" {worst * 1e3:.0f} ms at most"
    )


def killed_puts(seconds: float, bound: int) -> str:
    """A handler raises into a producer at any point: an item is put or not, never half or twice."""
    tested: Any = sluice.SafeQueue(bound)
    until = time.monotonic() + seconds
    armed = False
    killed = 0
    attempt = 0
    sure: set[int] = set()

    def handler() -> None:
        if armed:
            raise Kill

    got: list[int] = []
    consumer = threading.Thread(target=lambda: got.extend(tested))
    consumer.start()

    def produce() -> None:
        nonlocal armed, attempt
        armed = True
        while True:
            attempt += 1
            tested.put(attempt)
            sure.add(attempt)

    with alarms(handler) as calls:
        while goes_on(until, seconds, killed):
            try:
                try:
                    produce()
                finally:
                    armed = False
            except Kill:
                killed += 1
            armed = False
            if tested.qsize() > MOST:
                time.sleep(0.001)
    if bound:
        for _ in range(bound + 1):  # all room is still there
            attempt += 1
            tested.put(attempt, timeout=5)
            sure.add(attempt)
    tested.close()
    consumer.join()
    assert killed > 50 * seconds, f"only {killed} were killed"
    assert got == sorted(set(got)), "twice, or out of order"
    assert sure <= set(got), f"lost: {len(sure - set(got))}"
    unsure = len(set(got) - sure)
    assert unsure <= killed
    return f"{calls[0]} signals, {killed} killed, {len(got)} items"


def watched(seconds: float, bound: int, how: str) -> str:
    """What watches a program puts into the queue whose operations it watches."""
    tested: Any = sluice.SafeQueue(bound)
    producers = Producers(tested)
    until = time.monotonic() + seconds
    events = 0

    def look(*_: Any) -> Any:
        nonlocal events
        events += 1
        if events % 7 == 0:
            producers.put_unless_inside(how)
        return look

    def start() -> None:
        if how == "trace":
            sys.settrace(look)
        elif how == "profile":
            sys.setprofile(look)

    def stop() -> None:
        sys.settrace(None)
        sys.setprofile(None)

    def work(name: str) -> None:
        share = shares[name]
        start()
        try:
            while time.monotonic() < until:
                producers.put_next(name)
                try:
                    share.enter(tested.get(timeout=0.01))
                    with tested.taking(False) as item:
                        share.enter(item)
                except queue.Empty:
                    pass
        finally:
            stop()

    def consume() -> None:
        """Watched by nobody, and so asleep at times."""
        for item in tested:
            shares["rest"].enter(item)

    names = [f"worker {number}" for number in range(2)]
    shares = {name: Share() for name in [*names, "rest"]}
    with _monitoring(how, look):
        consumer = threading.Thread(target=consume)
        threads = [threading.Thread(target=work, args=(name,)) for name in names]
        for thread in [consumer, *threads]:
            thread.start()
        for thread in threads:
            thread.join()
        tested.close()
        consumer.join()
    total = account(list(shares.values()), producers)
    assert events > 1_000, f"only {events} events"
    return f"{events} events, {total} items"


@contextmanager
def _monitoring(how: str, look: Callable[..., Any]) -> Iterator[None]:
    monitoring = getattr(sys, "monitoring", None)
    if how != "monitoring" or monitoring is None:
        yield
        return
    chosen = monitoring.events
    events = chosen.LINE | chosen.CALL | chosen.PY_START | chosen.PY_RETURN | chosen.BRANCH

    def callback(*_: Any) -> None:
        look()

    monitoring.use_tool_id(4, "stress")
    for event in (chosen.LINE, chosen.CALL, chosen.PY_START, chosen.PY_RETURN, chosen.BRANCH):
        monitoring.register_callback(4, event, callback)
    monitoring.set_events(4, events)
    try:
        yield
    finally:
        monitoring.set_events(4, 0)
        monitoring.free_tool_id(4)


#: A part of the time for each.
SCENARIOS: dict[str, tuple[float, Callable[[float], str]]] = {
    "interrupts": (1.0, lambda seconds: interrupts(seconds, 0)),
    "interrupts of a bound one": (1.0, lambda seconds: interrupts(seconds, 7)),
    "killed SimpleQueue.get": (0.2, lambda seconds: kills(seconds, 0, "simple")),
    "killed get": (0.2, lambda seconds: kills(seconds, 0, "get")),
    "killed get of a bound one": (0.2, lambda seconds: kills(seconds, 3, "get")),
    "killed taking": (0.2, lambda seconds: kills(seconds, 0, "taking")),
    "killed taking of a bound one": (0.2, lambda seconds: kills(seconds, 3, "taking")),
    "killed among others": (0.4, lambda seconds: killed_among_others(seconds, 0)),
    "killed among others, bound": (0.4, lambda seconds: killed_among_others(seconds, 3)),
    "killed put": (0.2, lambda seconds: killed_puts(seconds, 0)),
    "killed put of a bound one": (0.2, lambda seconds: killed_puts(seconds, 3)),
    "trace": (0.2, lambda seconds: watched(seconds, 0, "trace")),
    "trace of a bound one": (0.2, lambda seconds: watched(seconds, 50, "trace")),
    "profile": (0.2, lambda seconds: watched(seconds, 0, "profile")),
    "monitoring": (0.2, lambda seconds: watched(seconds, 0, "monitoring")),
}


def main(seconds: float, names: list[str]) -> None:
    for name, (part, scenario) in SCENARIOS.items():
        if not names or name in names:
            if name == "monitoring" and not hasattr(sys, "monitoring"):
                continue
            print(f"{name}: {scenario(seconds * part)}", flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]), sys.argv[2:])
