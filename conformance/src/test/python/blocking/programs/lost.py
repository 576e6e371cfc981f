"""Ends with failures that nobody has collected."""

import sluice

sluice.setup()


@sluice.run_in_loop
def fails(why: str) -> None:
    raise LookupError(why)


@sluice.wait_for(20)
def nothing() -> None:
    """Done when what was asked for before it is."""


kept = fails("kept by a global")
stashed = fails("stashed").stash()
collected = fails("collected")
nothing()
print(repr(collected.original_failure()))
