"""A package without a __main__."""
