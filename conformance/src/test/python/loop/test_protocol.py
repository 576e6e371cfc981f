"""The protocol by which the loop sleeps and is woken, in every order that two threads can take.

It is a model of FusedSelector.select and Loop.call_soon_threadsafe: the threads take one step at a
time, each step reads or writes one thing that both see, and all orders are tried. The loop must
never sleep for ever with something in its queue; and it must never be woken without need more
often than it sleeps, because each wake-up costs a system call.
"""

import unittest
from collections.abc import Callable
from dataclasses import dataclass, replace

_ROUNDS = 2


@dataclass(frozen=True)
class State:
    """What both sides see, and where each of them is."""

    queue: int = 0
    asleep: bool = False
    #: The kernel's counter: a wake-up that the loop has not seen yet.
    eventfd: bool = False
    loop: str = "run"
    #: What the loop will do when it waits: look only, or sleep.
    looks_only: bool = False
    givers: tuple[str, ...] = ("put", "put")
    left: tuple[int, ...] = (_ROUNDS, _ROUNDS)
    wakes: int = 0
    sleeps: int = 0


Step = Callable[[State], State | None]


def loop_step(order: tuple[str, ...]) -> Step:
    """The loop's next step; order is what it does between its passes."""

    def after(name: str) -> str:
        steps = ("run", *order, "wait")
        return steps[steps.index(name) + 1]

    def step(state: State) -> State | None:
        match state.loop:
            case "run":
                # A pass: everything in the queue is run; with nothing to do it goes to sleep.
                return replace(state, queue=0, loop=after("run"))
            case "flag":
                return replace(state, asleep=True, loop=after("flag"))
            case "check":
                return replace(state, looks_only=state.queue > 0, loop=after("check"))
            case "wait":
                if state.looks_only or state.eventfd:
                    return replace(state, eventfd=False, loop="awake", sleeps=state.sleeps + 1)
                return None
            case _:
                return replace(state, asleep=False, looks_only=False, loop="run")

    return step


def giver_step(number: int, order: tuple[str, ...]) -> Step:
    """The next step of one that hands over: order is put, look, clear, write."""

    def step(state: State) -> State | None:
        if not state.left[number]:
            return None
        now = state.givers[number]
        following = order[(order.index(now) + 1) % len(order)]
        ended = following == order[0]
        if now == "put":
            state = replace(state, queue=state.queue + 1)
        elif now == "look" and not state.asleep:
            following, ended = order[0], "put" in order[: order.index("look")]
            if not ended:
                following = "put"
        elif now == "clear":
            state = replace(state, asleep=False)
        elif now == "write":
            state = replace(state, eventfd=True, wakes=state.wakes + 1)
        givers = list(state.givers)
        left = list(state.left)
        givers[number] = following
        left[number] -= ended
        return replace(state, givers=tuple(givers), left=tuple(left))

    return step


RIGHT_LOOP = ("flag", "check")
RIGHT_GIVER = ("put", "look", "clear", "write")


@dataclass
class Found:
    """What all orders together have come to."""

    states: int = 0
    lost: State | None = None
    most_wakes_too_many: int = -1_000


def explore(loop: tuple[str, ...], giver: tuple[str, ...]) -> Found:
    """Tries every order of steps."""
    steps = [loop_step(loop), giver_step(0, giver), giver_step(1, giver)]
    start = State(givers=(giver[0], giver[0]))
    seen = {start}
    waiting = [start]
    found = Found()
    while waiting:
        state = waiting.pop()
        found.states += 1
        asleep = state.loop == "wait" and not state.looks_only and not state.eventfd
        if asleep and state.queue and not any(state.left):
            found.lost = state
        found.most_wakes_too_many = max(found.most_wakes_too_many, state.wakes - state.sleeps - 1)
        if state.sleeps > 2 * _ROUNDS + 2:
            continue
        for step in steps:
            following = step(state)
            if following is not None and following not in seen:
                seen.add(following)
                waiting.append(following)
    return found


class Protocol(unittest.TestCase):
    def test_no_order_loses_a_call(self) -> None:
        found = explore(RIGHT_LOOP, RIGHT_GIVER)
        self.assertGreater(found.states, 500)
        self.assertIsNone(found.lost)

    def test_the_flag_after_the_look_loses_one(self) -> None:
        self.assertIsNotNone(explore(("check", "flag"), RIGHT_GIVER).lost)

    def test_no_second_look_loses_one(self) -> None:
        self.assertIsNotNone(explore(("flag",), RIGHT_GIVER).lost)

    def test_looking_before_putting_loses_one(self) -> None:
        self.assertIsNotNone(explore(RIGHT_LOOP, ("look", "clear", "write", "put")).lost)

    def test_clearing_after_writing_loses_one(self) -> None:
        self.assertIsNotNone(explore(RIGHT_LOOP, ("put", "look", "write", "clear")).lost)

    def test_wake_ups_are_no_more_than_sleeps_and_givers(self) -> None:
        # Two may look before the first of them clears the flag: one wake-up more, and Netty's own
        # flag below makes one system call of both.
        self.assertLessEqual(explore(RIGHT_LOOP, RIGHT_GIVER).most_wakes_too_many, 2)
        self.assertGreater(explore(RIGHT_LOOP, ("put", "write")).most_wakes_too_many, 2)


if __name__ == "__main__":
    unittest.main(verbosity=1)
