"""An application that a factory makes, and one of the default name."""

from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


def application(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"by its default name"]


def make() -> WSGIApplication:
    def made(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"from the factory"]

    return made
