"""Python's side of Sluice: CPython inside a Java virtual machine."""
