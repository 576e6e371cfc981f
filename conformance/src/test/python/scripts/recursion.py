"""Recurse through C until Python says no."""


def deeper(depth: int) -> list[int]:
    return sorted([depth + 1], key=deeper)


try:
    deeper(0)
except RecursionError:
    print("RecursionError")
