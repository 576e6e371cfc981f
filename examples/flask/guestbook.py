"""A guest book: templates, a form, a session cookie, an upload, a streamed download."""

import hashlib
import os
import secrets
from collections.abc import Iterator

from flask import Flask, Response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

app = Flask(__name__)
app.secret_key = os.environ.get("GUESTBOOK_SECRET") or secrets.token_hex()
app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 * 1024

entries: list[tuple[str, str]] = []


@app.get("/")
def index() -> str:
    return render_template("index.html", entries=entries, name=session.get("name", ""))


@app.post("/sign")
def sign() -> AnyResponse:
    name = request.form["name"]
    entries.append((name, request.form["message"]))
    session["name"] = name
    return redirect(url_for("index"))


@app.post("/upload")
def upload() -> dict[str, str | int | None]:
    """Tell the size and SHA-256 of a file sent by the form, or as the plain body."""
    # To ask for files would read the body, as a form, whatever it is.
    file = request.files.get("file") if request.mimetype == "multipart/form-data" else None
    stream = file.stream if file else request.stream
    digest = hashlib.sha256()
    size = 0
    while block := stream.read(65536):
        digest.update(block)
        size += len(block)
    return {"name": file.filename if file else None, "size": size, "sha256": digest.hexdigest()}


@app.get("/numbers.csv")
def numbers() -> Response:
    """Stream a table that is never whole in memory."""
    count = int(request.args.get("count", "1000"))

    def rows() -> Iterator[str]:
        yield "number,square\n"
        for number in range(count):
            yield f"{number},{number * number}\n"

    disposition = {"Content-Disposition": "attachment; filename=numbers.csv"}
    return Response(rows(), mimetype="text/csv", headers=disposition)
