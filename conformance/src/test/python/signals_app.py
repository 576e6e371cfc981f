"""Sets handlers of its own for the signals that stop a server, as some libraries do at import."""

import signal
from wsgiref.types import StartResponse, WSGIEnvironment

for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda *_: None)


def app(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"still here"]
