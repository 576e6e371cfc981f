"""Java's HTTP client, awaited in an ASGI view: sluice serve fetch:app --app-dir examples/asgi

    curl 'http://127.0.0.1:8000/?http://127.0.0.1:8000/hello'

The client's CompletableFuture is awaited like any future of asyncio's: meanwhile the loop serves
others. Cancelling the task cancels the Java future.
"""

from sluice import java

HttpClient = java.type("java.net.http.HttpClient")
HttpRequest = java.type("java.net.http.HttpRequest")
BodyHandlers = java.type("java.net.http.HttpResponse.BodyHandlers")
URI = java.type("java.net.URI")

client = HttpClient.newHttpClient()


async def fetch(url: str) -> str:
    request = HttpRequest.newBuilder(URI.create(url)).build()
    response = await client.sendAsync(request, BodyHandlers.ofString())
    return f"{response.statusCode()} {response.body()}"


async def app(scope, receive, send):
    assert scope["type"] == "http"
    url = scope["query_string"].decode("ascii")
    try:
        text = await fetch(url) if url else "name a URL behind the question mark"
    except java.type("java.lang.Exception") as error:
        text = f"failed: {error!r}"
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-type", b"text/plain; charset=utf-8")],
        }
    )
    await send({"type": "http.response.body", "body": text.encode()})
