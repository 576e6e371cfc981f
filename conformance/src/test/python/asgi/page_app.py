"""An ASGI application that blocks its loop where it is asked to."""

import time


def views():
    time.sleep(0.02)


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    if scope["path"] == "/blocks":
        views()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"answered"})
