"""Django's LiveServerTestCase, with `sluice serve` in the place of its own server's thread."""

import os
import re
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener, urlopen

from django.contrib.auth import get_user_model
from django.contrib.staticfiles.testing import StaticLiveServerTestCase
from django.db import connections
from django.test import LiveServerTestCase

from notes.models import Note


class SluiceServer(threading.Thread):
    """What LiveServerTestCase wants of a server: host, port, is_ready, error, terminate."""

    def __init__(self, host: str, _static_handler: Any, **_settings: Any) -> None:
        super().__init__()
        self.host = host
        self.port = 0
        self.connections_override: dict[str, Any] = {}
        self.is_ready = threading.Event()
        self.error: Exception | None = None
        self.process: subprocess.Popen[str] | None = None

    def run(self) -> None:
        try:
            database = str(connections["default"].settings_dict["NAME"])
            environment = os.environ | {
                "NOTES_DATABASE": database,
                "DJANGO_SETTINGS_MODULE": "config.settings",
            }
            bind = f"{self.host}:0"
            command = [os.environ["SLUICE"], "serve", "config.wsgi", "--bind", bind]
            self.process = subprocess.Popen(
                command, env=environment, stdout=subprocess.PIPE, text=True
            )
            assert self.process.stdout is not None
            banner = self.process.stdout.readline()
            found = re.search(r"http://[^:]+:(\d+)", banner)
            if not found:
                raise RuntimeError(f"no port in {banner!r}")
            self.port = int(found.group(1))
        except Exception as error:
            self.error = error
        finally:
            connections.close_all()
            self.is_ready.set()

    def terminate(self) -> None:
        if self.process:
            self.process.terminate()
            assert self.process.wait(20) == 0
            assert self.process.stdout is not None
            self.process.stdout.close()


class Browser:
    """Keeps cookies, and sends Django's token with forms."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.cookies = CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(self.cookies))

    def get(self, path: str) -> str:
        with self.opener.open(self.base + path, timeout=20) as answer:
            return str(answer.read().decode())

    def post(self, path: str, **fields: str) -> str:
        token = next(cookie.value for cookie in self.cookies if cookie.name == "csrftoken")
        data = urlencode({"csrfmiddlewaretoken": token, **fields}).encode()
        with self.opener.open(self.base + path, data, timeout=20) as answer:
            return str(answer.read().decode())


class LiveTest(LiveServerTestCase):
    server_thread_class = SluiceServer  # type: ignore[assignment]

    def test_the_server_shows_what_the_test_has_made(self) -> None:
        Note.objects.create(title="Of the test", text="\u20ac")
        page = Browser(self.live_server_url).get("/")
        assert "<b>Of the test</b> €" in page

    def test_the_test_sees_what_the_server_has_made(self) -> None:
        assert Note.objects.count() == 0
        browser = Browser(self.live_server_url)
        browser.get("/")
        page = browser.post("/", title="Of the browser", text="x" * 100_000)
        assert "Of the browser" in page
        assert len(Note.objects.get().text) == 100000

    def test_a_form_without_its_token_is_refused(self) -> None:
        try:
            urlopen(self.live_server_url + "/", urlencode({"title": "no"}).encode(), 20)
        except HTTPError as error:
            status = error.code
            error.close()
        assert status == 403
        assert Note.objects.count() == 0

    def test_a_user_of_the_test_logs_in(self) -> None:
        get_user_model().objects.create_superuser("admin", "a@example.org", "open sesame")
        browser = Browser(self.live_server_url)
        browser.get("/admin/login/")
        page = browser.post(
            "/admin/login/", username="admin", password="open sesame", next="/admin/"
        )
        assert "Site administration" in page

    def test_many_at_once(self) -> None:
        for number in range(20):
            Note.objects.create(title=f"Note {number}")
        with ThreadPoolExecutor(8) as pool:
            pages = list(pool.map(lambda _: Browser(self.live_server_url).get("/"), range(40)))
        for page in pages:
            assert page.count("<b>Note ") == 20


class StaticTest(StaticLiveServerTestCase):
    server_thread_class = SluiceServer  # type: ignore[assignment]

    def test_static_files(self) -> None:
        assert "body" in Browser(self.live_server_url).get("/static/notes/style.css")
        assert "DJANGO Admin styles" in Browser(self.live_server_url).get(
            "/static/admin/css/base.css"
        )
