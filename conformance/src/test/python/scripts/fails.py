"""End with an exception."""


def inner() -> None:
    raise ValueError("the script's own mistake")


inner()
