"""An application that cannot be imported."""

raise ValueError("not configured")
