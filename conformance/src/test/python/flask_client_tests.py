"""Flask's and Werkzeug's own test clients, driving a server that runs elsewhere (PORT)."""

import io
import os
import sys
import unittest
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import Client, EnvironBuilder, run_wsgi_app

from over_http import OverHttp

sys.path.insert(0, os.environ["GUESTBOOK_FOLDER"])
from guestbook import app

OVER_HTTP = OverHttp(int(os.environ["PORT"]))


class HttpClient(FlaskClient):
    """Flask's client, with sessions and cookies, but the requests go over HTTP."""

    def run_wsgi_app(self, environ: dict[str, Any], buffered: bool = False) -> Any:
        self._add_cookies_to_wsgi(environ)
        answer = run_wsgi_app(OVER_HTTP, environ, buffered=buffered)
        self._update_cookies_from_response(
            environ["SERVER_NAME"], environ["PATH_INFO"], answer[2].getlist("Set-Cookie")
        )
        return answer


app.test_client_class = HttpClient


class FlaskClientTest(unittest.TestCase):
    def test_form_session_and_redirect(self) -> None:
        with app.test_client() as client:
            assert "Welcome back" not in client.get("/").text
            data = {"name": "Zo\xeb", "message": "\u20ac & co"}
            answer = client.post("/sign", data=data, follow_redirects=True)
            assert answer.status_code == 200
            assert answer.request.path == "/"
            assert "Welcome back, Zoë." in answer.text
            assert "€ &amp; co" in answer.text

    def test_session_of_the_client(self) -> None:
        with app.test_client() as client:
            with client.session_transaction() as session:
                session["name"] = "set by the test"
            assert "Welcome back, set by the test." in client.get("/").text
            client.post("/sign", data={"name": "new", "message": "m"})
            with client.session_transaction() as session:
                assert session["name"] == "new"

    def test_upload(self) -> None:
        client = app.test_client()
        content = bytes(range(256)) * 4000
        answer = client.post("/upload", data={"file": (io.BytesIO(content), "a.bin")})
        assert answer.get_json()["name"] == "a.bin"
        assert answer.get_json()["size"] == len(content)

    def test_stream(self) -> None:
        answer = app.test_client().get("/numbers.csv", query_string={"count": 1000})
        assert answer.mimetype == "text/csv"
        assert len(answer.text.splitlines()) == 1001

    def test_statuses(self) -> None:
        client = app.test_client()
        assert client.get("/nothing").status_code == 404
        assert client.get("/sign").status_code == 405
        assert client.post("/sign").status_code == 400
        assert client.head("/").data == b""
        assert "GET" in client.options("/").headers["Allow"]


class WerkzeugClientTest(unittest.TestCase):
    def test_what_a_builder_makes(self) -> None:
        client = Client(OVER_HTTP)
        builder = EnvironBuilder("/numbers.csv", query_string={"count": "3"}, method="GET")
        answer = client.open(builder)
        assert answer.get_data(as_text=True) == "number,square\n0,0\n1,1\n2,4\n"
        answer = client.post("/upload", data=b"plain", content_type="application/octet-stream")
        assert answer.get_json()["size"] == 5


if __name__ == "__main__":
    unittest.main()
