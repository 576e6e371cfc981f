"""An application that uses all of Werkzeug, inside Werkzeug's lint middleware and the validator."""

import io
import warnings
from collections.abc import Callable, Iterable, Iterator
from wsgiref.types import WSGIApplication
from wsgiref.validate import validator

from werkzeug.middleware.lint import LintMiddleware
from werkzeug.utils import redirect, send_file
from werkzeug.wrappers import Request, Response
from werkzeug.wsgi import FileWrapper

warnings.simplefilter("always")
# Of itself Werkzeug warns twice: it reads without a size where the server vouches for the end, and
# takes the Content-Length from a 204.
warnings.filterwarnings("ignore", "WSGI does not guarantee an EOF marker")
warnings.filterwarnings("ignore", "204 responses must have an empty content length")


def form(request: Request) -> Response:
    file = request.files.get("file")
    return Response(
        f"{request.form.get('name')} {len(file.read()) if file else 0} {request.args.get('q')}"
    )


def echo(request: Request) -> Response:
    return Response(request.get_data(), mimetype="application/octet-stream")


def parts(request: Request) -> Response:
    """Read the body by parts, as far as it goes."""
    sizes = [len(part) for part in iter(lambda: request.stream.read(1000), b"")]
    return Response(f"{sum(sizes)}")


def stream(_request: Request) -> Response:
    def rows() -> Iterator[str]:
        for number in range(1000):
            yield f"{number}\n"

    return Response(rows(), mimetype="text/plain")


def file(request: Request) -> Response:
    return send_file(io.BytesIO(b"0123456789" * 100), request.environ, mimetype="text/plain")


def wrapped(request: Request) -> Response:
    response = Response(FileWrapper(io.BytesIO(b"0123456789" * 100)), direct_passthrough=True)
    return response.make_conditional(request, accept_ranges=True, complete_length=1000)


def etag(request: Request) -> Response:
    response = Response("tagged")
    response.add_etag()
    return response.make_conditional(request)


def cookies(request: Request) -> Response:
    response = redirect("/echo")
    response.autocorrect_location_header = True
    response.set_cookie("seen", request.cookies.get("seen", "") + "x", httponly=True)
    return response


def nothing(_request: Request) -> Response:
    response = Response(status=204)
    del response.headers["Content-Type"]
    return response


def described(request: Request) -> Response:
    return Response(f"{request.method} {request.url} {request.remote_addr} {request.is_secure}")


VIEWS: dict[str, Callable[[Request], Response]] = {
    f"/{view.__name__}": view
    for view in (form, echo, parts, stream, file, wrapped, etag, cookies, nothing, described)
}


@Request.application
def plain(request: Request) -> Response:
    view = VIEWS.get(request.path)
    return view(request) if view else Response("nothing here", 404)


# (Not one inside the other: each has streams that the other does not take for a server's. And no
# body is read inside the validator, which wants an argument where Werkzeug gives none.)
APPS: dict[str, WSGIApplication] = {"lint": LintMiddleware(plain), "validator": validator(plain)}


def app(environ, start_response) -> Iterable[bytes]:  # type: ignore[no-untyped-def]
    """The first part of the path chooses what stands around."""
    name, _, rest = environ["PATH_INFO"].removeprefix("/").partition("/")
    environ["SCRIPT_NAME"] = "/" + name
    environ["PATH_INFO"] = "/" + rest
    return APPS[name](environ, start_response)
