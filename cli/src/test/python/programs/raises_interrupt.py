"""Raise KeyboardInterrupt."""

raise KeyboardInterrupt
