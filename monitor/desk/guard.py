"""What every request and answer passes: no posts of other sites, no endless bodies, headers that protect."""

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from fastapi import HTTPException, Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor.office.model import Office

_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    # Not `no-referrer`: under it browsers send `Origin: null` with our own forms too.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}

_LARGEST_BODY = 2 * 1024 * 1024
_LARGEST_UPLOAD = 32 * 1024 * 1024
_UPLOADS = ("/intake", "/rota", "/api/v1/items", "/api/inbox/")
"""Where files arrive; these addresses have closer limits of their own."""

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class Guard:
    """Stands before the whole desk."""

    def __init__(self, app: ASGIApp, office: Callable[[], Office]) -> None:
        self._app = app
        self._office = office

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        public = urlsplit(self._office().public_url or "")
        if scope["method"] not in _READING and _is_foreign(headers, public.netloc):
            await Response("cross-site post refused", status_code=403)(scope, receive, send)
            return
        is_static = scope["path"].startswith("/static/")
        is_public = headers.get(b"host", b"").decode("latin-1") == public.netloc
        is_secure = scope["scheme"] == "https" or (is_public and public.scheme == "https")

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    answer.setdefault(name, value)
                answer.setdefault("cache-control", "max-age=3600" if is_static else "no-store")
                if is_secure:
                    message["headers"] = [*map(_over_tls_only, message["headers"])]
            await send(message)

        await self._app(scope, _limited(scope["path"], receive), send_guarded)


def _is_foreign(headers: Mapping[bytes, bytes], public: str) -> bool:
    """Return whether a page of another site sent this; programs say nothing of where they come from.

    Browsers send `Sec-Fetch-Site` over TLS and on the machine itself alone, and old ones never: on plain
    http in the office's network `Origin` tells.
    """
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return site in {b"cross-site", b"same-site"}
    origin = headers.get(b"origin")
    if origin is None:
        return False
    _, _, host = origin.decode("latin-1").partition("://")
    return host not in {headers.get(b"host", b"").decode("latin-1"), public} or not host


def _over_tls_only(header: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    """Return a header; a cookie of a desk behind TLS never goes over plain http."""
    name, value = header
    return (name, value + b"; Secure") if name == b"set-cookie" else header


def _limited(path: str, receive: Receive) -> Receive:
    """Return what reads a body up to a size: it is read before anybody is asked who they are."""
    left = _LARGEST_UPLOAD if path.startswith(_UPLOADS) else _LARGEST_BODY

    async def receive_some() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise HTTPException(413)
        return message

    return receive_some
