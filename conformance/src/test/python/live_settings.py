"""The settings of examples/django, with a test database that another process can open."""

from config.settings import *  # noqa: F403
from config.settings import DATABASES

DATABASES["default"]["TEST"] = {"NAME": f"{DATABASES['default']['NAME']}.test"}
