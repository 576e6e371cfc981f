"""Shows a request's scope: lines of a key, its value's type, and the value as Python writes it."""

import contextvars

from plain import Receive, Scope, Send, answer, lifespan

SEEN: contextvars.ContextVar[str] = contextvars.ContextVar("SEEN", default="nothing")


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
    elif scope["query_string"] == b"context":
        # What one request leaves in its context, no other one finds there.
        before = SEEN.get()
        SEEN.set("another request")
        await answer(send, before)
    elif scope["query_string"] == b"changes":
        told = {key: str(scope.get(key)) for key in ("asgi", "extensions", "headers", "state")}
        marked = [key for key, text in told.items() if "mark" in text]
        for value in scope.values():
            if isinstance(value, dict):
                value["mark"] = True
            elif isinstance(value, list):
                value.append((b"x", b"mark"))
        scope["path"] = "/mark"
        await answer(send, f"{marked}")
    else:
        await answer(send, described(scope))


def described(scope: Scope) -> str:
    headers = [tuple(pair) for pair in scope["headers"]]
    shown = {**scope, "headers": headers}
    for name, value in scope["asgi"].items():
        shown[f"asgi.{name}"] = value
    lines = [f"{key}\t{type(value).__name__}\t{value!a}" for key, value in shown.items()]
    return "\n".join(lines)
