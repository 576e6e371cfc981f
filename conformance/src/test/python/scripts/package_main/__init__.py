"""A package that runs with -m."""
