"""An application whose logic moves to another thread after every write.

Each request is a generator, advanced by the threads of a pool in turn; the server's own thread only
waits. `write` is the server's write() for /write, and what an iterable gives for /iterable.
"""

import itertools
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from wsgiref.types import StartResponse, WSGIEnvironment

POOL = 5
WRITES = 4

Step = tuple[Callable[[], bytes | None], "queue.SimpleQueue[bytes | BaseException | None]"]

inboxes: list["queue.SimpleQueue[Step]"] = [queue.SimpleQueue() for _ in range(POOL)]
turns = itertools.count()


def serve_inbox(inbox: "queue.SimpleQueue[Step]") -> None:
    while True:
        step, outcome = inbox.get()
        try:
            outcome.put(step())
        except BaseException as error:
            outcome.put(error)


for each in inboxes:
    threading.Thread(target=serve_inbox, args=(each,), daemon=True).start()


def elsewhere(step: Callable[[], bytes | None], turn: int) -> bytes | None:
    """Run the step on the thread whose turn it is; wait for its outcome."""
    outcome: queue.SimpleQueue[bytes | BaseException | None] = queue.SimpleQueue()
    inboxes[turn % POOL].put((step, outcome))
    result = outcome.get()
    if isinstance(result, BaseException):
        raise result
    return result


def logic(write: Callable[[bytes], object] | None) -> Iterator[bytes]:
    """Write a line at each step; no two steps that follow each other run on one thread."""
    last = 0
    for number in range(WRITES):
        here = threading.get_ident()
        if here == last:
            raise AssertionError(f"step {number} did not move to another thread")
        last = here
        line = f"{number}\n".encode()
        if write:
            write(line)
        yield line


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    home = threading.get_ident()
    write = start_response("200 OK", [("Content-Type", "text/plain")])
    first = next(turns)
    by_write = environ["PATH_INFO"] == "/write"
    steps = logic(write if by_write else None)
    lines = (elsewhere(lambda: next(steps, None), first + number) for number in range(WRITES))

    def checked() -> Iterator[bytes]:
        for line in lines:
            if threading.get_ident() != home:
                raise AssertionError("the server moved a running iterable to another thread")
            if line is None:
                raise AssertionError("a step is missing")
            yield line

    if by_write:
        for _ in checked():
            pass
        return []
    return checked()
