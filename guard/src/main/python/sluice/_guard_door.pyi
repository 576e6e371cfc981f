"""What Python's side of the guard has Java by: dev.sluice.guard.GuardModule."""
