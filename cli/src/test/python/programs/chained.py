"""Raise an exception from another."""

try:
    print(1 / 0)
except ZeroDivisionError as error:
    raise RuntimeError("the second") from error
