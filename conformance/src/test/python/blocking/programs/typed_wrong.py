"""What type checkers find wrong; not run."""

import sluice


@sluice.wait_for(timeout=20)
async def add(one: int, other: int = 0) -> int:
    return one + other


@sluice.run_in_loop
async def later(text: str) -> int:
    return len(text)


add("one")  # wrong
add(1, 2, 3)  # wrong
text: str = add(1)  # wrong
later(1)  # wrong
number: int = later("a")  # wrong
other: str = later("a").wait(1)  # wrong
sluice.wait_for("soon")  # wrong
