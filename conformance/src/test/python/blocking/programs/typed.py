"""What type checkers see of decorated functions; also run."""

import asyncio
from typing import assert_type

import sluice


@sluice.wait_for(timeout=20)
async def add(one: int, other: int = 0) -> int:
    return one + other


@sluice.wait_for(timeout=20)
def shout(text: str) -> str:
    return text.upper()


@sluice.run_in_loop
async def later(text: str, *, times: int) -> list[str]:
    return [text] * times


@sluice.run_in_loop
def soon(number: float) -> float:
    return number


@sluice.wait_for(timeout=20)
def future() -> "asyncio.Future[bool]":
    made = asyncio.get_running_loop().create_future()
    made.set_result(True)
    return made


class Shop:
    @sluice.wait_for(timeout=20)
    async def price(self, name: str) -> float:
        return float(len(name))

    @sluice.run_in_loop
    async def order(self, count: int) -> str:
        return "x" * count

    @classmethod
    @sluice.wait_for(timeout=20)
    async def named(cls, name: str) -> str:
        return f"{cls.__name__} {name}"


sluice.setup()
assert_type(add(1, other=2), int)
assert_type(shout("a"), str)
assert_type(later("a", times=2), sluice.EventualResult[list[str]])
assert_type(later("a", times=2).wait(20), list[str])
assert_type(soon(1.5).wait(timeout=20), float)
assert_type(future(), bool)
assert_type(Shop().price("tea"), float)
assert_type(Shop().order(3).wait(20), str)
assert_type(Shop.named("corner"), str)
gathered = sluice.EventualResult.gather(soon(1.0), soon(2.0))
assert_type(gathered.wait(20), list[float])
print(add(1, other=2), shout("a"), later("a", times=2).wait(20), Shop.named("corner"))
