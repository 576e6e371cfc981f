"""What scopes have in common; on the loop's thread."""

from collections.abc import Callable
from typing import Any

_Scope = dict[str, Any]

#: The messages of HTTP that an application may send beside those that every server takes.
_HTTP = (
    "http.response.pathsend",
    "http.response.zerocopysend",
    "http.response.trailers",
    "http.response.early_hint",
    "http.response.debug",
)

#: The numbers of the cipher suites, by their standard names (IANA's registry).
_CIPHERS = {
    "TLS_AES_128_GCM_SHA256": 0x1301,
    "TLS_AES_256_GCM_SHA384": 0x1302,
    "TLS_CHACHA20_POLY1305_SHA256": 0x1303,
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA": 0xC009,
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA": 0xC00A,
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA": 0xC013,
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA": 0xC014,
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256": 0xC02B,
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384": 0xC02C,
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256": 0xC02F,
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384": 0xC030,
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256": 0xCCA8,
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256": 0xCCA9,
}

_VERSIONS = {"TLSv1.2": 0x0303, "TLSv1.3": 0x0304}


def base(root_path: str) -> Callable[[str, str, str], _Scope]:
    """A function that makes what all scopes of a kind, a version of HTTP and a scheme share."""

    def make(kind: str, version: str, scheme: str) -> _Scope:
        # With a place for what each request brings: a copy need not grow then.
        scope: _Scope = {
            "type": kind,
            "asgi": {"version": "3.0", "spec_version": "2.5"},
            "http_version": version.removesuffix(".0") if version == "2.0" else version,
            "scheme": scheme,
            "root_path": root_path,
            "extensions": {},
            "path": "",
            "raw_path": b"",
            "query_string": b"",
            "headers": [],
            "client": None,
            "server": None,
        }
        if kind == "http":
            scope["method"] = ""
            scope["extensions"] = {name: {} for name in _HTTP}
        else:
            scope["subprotocols"] = []
            scope["scheme"] = "wss" if scheme == "https" else "ws"
            scope["extensions"] = {"websocket.http.response": {}}
        return scope

    return make


def with_tls(
    extensions: _Scope,
    version: str,
    cipher: str,
    own: str | None,
    chain: list[str],
    subject: str | None,
) -> _Scope:
    """The extensions of a connection that is encrypted."""
    return {
        **extensions,
        "tls": {
            "server_cert": own,
            "client_cert_chain": chain,
            "client_cert_name": subject,
            "client_cert_error": None,
            "tls_version": _VERSIONS.get(version),
            "cipher_suite": _CIPHERS.get(cipher),
        },
    }
