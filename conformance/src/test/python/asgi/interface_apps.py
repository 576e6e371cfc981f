"""Applications of every shape that servers know."""

import functools

from plain import App, Receive, Scope, Send, answer, routes

HTTP = routes()

app = HTTP


class Instance:
    """An object whose __call__ is a coroutine."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await HTTP(scope, receive, send)

    async def method(self, scope: Scope, receive: Receive, send: Send) -> None:
        await HTTP(scope, receive, send)


instance = Instance()
method = Instance().method


async def _prefixed(prefix: str, scope: Scope, receive: Receive, send: Send) -> None:
    await HTTP(scope, receive, send)


partial = functools.partial(_prefixed, "prefix")


class Double:
    """ASGI 2: a class, or a function, of the scope; what it gives is awaited."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def __call__(self, receive: Receive, send: Send) -> None:
        if self.scope["type"] == "lifespan":
            raise AssertionError("no lifespan here")
        await answer(send, "alive")


def factory() -> App:
    return HTTP
