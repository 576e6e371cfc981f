"""Raises while it is imported, some calls deep."""


class BadConfiguration(Exception):
    """The application's own complaint."""


def configure() -> None:
    raise BadConfiguration("DATABASE_URL is not set")


configure()
