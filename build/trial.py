"""The application of the trial run after a build (see build.sh): it sends itself a few requests and
stops the server."""

import os
import signal
import socket
import stat
import threading
import time

REQUESTS = (
    b"GET /a%20page?name=value HTTP/1.1\r\nHost: trial\r\nAccept: */*\r\n\r\n",
    b"POST /form HTTP/1.1\r\nHost: trial\r\nContent-Length: 10\r\n\r\n0123456789",
    b"GET /stream HTTP/1.1\r\nHost: trial\r\nUser-Agent: trial\r\n\r\n",
)
ROUNDS = 10
SECONDS_TO_START = 30


def application(environ, start_response):
    body = environ["wsgi.input"].read()
    if environ["PATH_INFO"] == "/stream":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return iter([b"first ", b"second\n"])
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


def listening_address():
    """The server's own address: port 0 was asked for, and only this process knows what it got."""
    for number in range(256):
        try:
            if not stat.S_ISSOCK(os.fstat(number).st_mode):
                continue
            with socket.socket(fileno=os.dup(number)) as candidate:
                if candidate.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                    return candidate.getsockname()[:2]
        except OSError:
            continue
    return None


def run():
    try:
        end = time.monotonic() + SECONDS_TO_START
        while (address := listening_address()) is None and time.monotonic() < end:
            time.sleep(0.02)
        for _ in range(ROUNDS):
            with socket.create_connection(address, timeout=10) as connection:
                for request in REQUESTS:
                    connection.sendall(request)
                    connection.recv(65536)
    finally:
        os.kill(os.getpid(), signal.SIGTERM)


threading.Thread(target=run, daemon=True).start()
