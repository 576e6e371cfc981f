"""Compares SafeQueue with queue.SimpleQueue and queue.Queue, in rounds; see README.md."""

import argparse
import importlib
import queue
import statistics
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

#: SafeQueue, wherever this runs.
_SAFE: Any = importlib.import_module("sluice").SafeQueue

CONTESTANTS: dict[str, Callable[[int], Any]] = {
    "SafeQueue": _SAFE,
    "SimpleQueue": lambda bound: queue.Queue(bound) if bound else queue.SimpleQueue(),
    "Queue": queue.Queue,
}
#: A queue that takes several times as long gets so many times fewer items.
_SHARES = {"SafeQueue": 1, "SimpleQueue": 1, "Queue": 4}


def one_to_one(tested: Any, count: int) -> float:
    """Items a second from one thread to another."""

    def produce() -> None:
        for number in range(count):
            tested.put(number)

    producer = threading.Thread(target=produce)
    began = time.perf_counter()
    producer.start()
    for _ in range(count):
        tested.get()
    lasted = time.perf_counter() - began
    producer.join()
    return count / lasted


def many_to_many(tested: Any, count: int) -> float:
    """Items a second from four threads to four others."""
    each = count // 4

    def produce() -> None:
        for number in range(each):
            tested.put(number)

    def consume() -> None:
        for _ in range(each):
            tested.get()

    threads = [threading.Thread(target=run) for run in [produce, consume] * 4]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return 4 * each / (time.perf_counter() - began)


def one_thread(tested: Any, count: int) -> float:
    """Items a second that a thread puts and gets at once."""
    began = time.perf_counter()
    for number in range(count):
        tested.put(number)
        tested.get()
    return count / (time.perf_counter() - began)


def there_and_back(tested: Any, count: int) -> float:
    """Round trips a second between two threads, each of which waits for the other."""
    back = type(tested)()
    count //= 40

    def answer() -> None:
        for _ in range(count):
            back.put(tested.get())

    thread = threading.Thread(target=answer)
    began = time.perf_counter()
    thread.start()
    for number in range(count):
        tested.put(number)
        back.get()
    thread.join()
    return count / (time.perf_counter() - began)


#: What is measured, with which bound, and what SafeQueue has to reach beside each of the others.
MEASURED: dict[str, tuple[Callable[[Any, int], float], int, dict[str, float]]] = {
    "one_to_one": (one_to_one, 0, {"SimpleQueue": 0.6, "Queue": 6.0}),
    "one_thread": (one_thread, 0, {}),
    "many_to_many": (many_to_many, 0, {}),
    "there_and_back": (there_and_back, 0, {}),
    "bounded": (one_to_one, 1_000, {}),
}


def measure(name: str, contestant: str, items: int) -> float:
    """One figure of one contestant."""
    function, bound, _ = MEASURED[name]
    share = _SHARES[contestant] * (4 if bound else 1)
    return function(CONTESTANTS[contestant](bound), items // share)


def row(name: str, figures: dict[str, list[float]]) -> tuple[str, dict[str, float]]:
    """A line of the table, and SafeQueue's ratios."""
    line = f"{name:<15}"
    for each in figures.values():
        line += f"{statistics.median(each) / 1e6:>12.3f}"
    medians = {}
    for other in ("SimpleQueue", "Queue"):
        if MEASURED[name][1] and other == "SimpleQueue":
            line += f"{'':>20}"
            continue
        ratios = [a / b for a, b in zip(figures["SafeQueue"], figures[other], strict=True)]
        medians[other] = statistics.median(ratios)
        line += f"{f'{medians[other]:.2f} ({min(ratios):.2f}-{max(ratios):.2f})':>20}"
    return line, medians


def main() -> int:
    """Exit code 0: all that is asked for is reached; 1: something is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--items", type=int, default=400_000)
    parser.add_argument("--only", choices=MEASURED, action="append")
    chosen = parser.parse_args()
    print(f"Python {sys.version.split()[0]}, {chosen.rounds} rounds of {chosen.items} items")
    heads = "".join(f"{each:>12}" for each in CONTESTANTS)
    print(f"{'million/s':<15}{heads}{'/ SimpleQueue':>20}{'/ Queue':>20}")
    verdicts = []
    for name in chosen.only or MEASURED:
        figures: dict[str, list[float]] = {each: [] for each in CONTESTANTS}
        for each in CONTESTANTS:
            measure(name, each, chosen.items // 4)
        for _ in range(chosen.rounds):
            for each, found in figures.items():
                found.append(measure(name, each, chosen.items))
        line, medians = row(name, figures)
        print(line, flush=True)
        for other, needed in MEASURED[name][2].items():
            reached = medians[other]
            verdict = "reached" if reached >= needed else "MISSED"
            verdicts.append(
                f"{verdict}: {name}, SafeQueue / {other} {reached:.2f}, needed {needed}"
            )
    print("\n".join(verdicts))
    return any(verdict.startswith("MISSED") for verdict in verdicts)


if __name__ == "__main__":
    sys.exit(main())
