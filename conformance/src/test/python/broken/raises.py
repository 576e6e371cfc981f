"""Raises while it is imported, some calls deep."""


class ConfigurationError(Exception):
    """The application's own complaint."""


def configure() -> None:
    raise ConfigurationError("DATABASE_URL is not set")


configure()
