"""The WSGI applications of microthread_scenarios.py: plain blocking code, the same for all."""

import importlib
import os
from collections.abc import Callable
from time import sleep
from typing import Any

# They need not be there where this is looked at.
redis: Any = importlib.import_module("redis")
requests: Any = importlib.import_module("requests")

StartResponse = Callable[..., Any]
Environ = dict[str, Any]

API = os.environ.get("BENCH_API", "")
REDIS = os.environ.get("BENCH_REDIS", "")
CLIENTS = 100

session = requests.Session()
session.trust_env = False
kept = requests.adapters.HTTPAdapter(1, CLIENTS, pool_block=True)
session.mount("http://", kept)
store = redis.Redis.from_pool(
    redis.BlockingConnectionPool.from_url(REDIS or "redis://localhost", max_connections=CLIENTS)
)


def sleeping(_environ: Environ, start_response: StartResponse) -> list[bytes]:
    """Waits as for something slow, by a name that was bound when this was imported."""
    sleep(0.1)
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
    return [b"awake"]


def calling(_environ: Environ, start_response: StartResponse) -> list[bytes]:
    """Asks an API over HTTP and a database, as many views do."""
    text = session.get(API, timeout=30).content
    store.incr("views")
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))])
    return [text]
