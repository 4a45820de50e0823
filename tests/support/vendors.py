"""Local servers that answer like the vendors of channels: scripted, errors inside a 200 body."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from aiohttp import web

Play: TypeAlias = Callable[[web.Request], Any]
"""One scene: takes a request, awaitable to its response."""


def says(body: object, status: int = 200, **headers: str) -> Play:
    """Answer with this JSON body."""

    async def play(_: web.Request) -> web.StreamResponse:
        return web.json_response(body, status=status, headers=headers)

    return play


def says_raw(body: bytes, status: int = 200, **headers: str) -> Play:
    """Answer with these bytes."""

    async def play(_: web.Request) -> web.StreamResponse:
        return web.Response(body=body, status=status, headers=headers)

    return play


async def hangs(_: web.Request) -> web.StreamResponse:
    """Never answer; the server ends it when it stops."""
    await asyncio.Event().wait()
    raise AssertionError


async def resets(request: web.Request) -> web.StreamResponse:
    """Cut the connection without a word."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def drips(request: web.Request) -> web.StreamResponse:
    """Send the start of an answer and never the rest."""
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b"{")
    await asyncio.Event().wait()
    return response


async def breaks_off(request: web.Request) -> web.StreamResponse:
    """Send the start of an answer and cut the connection."""
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"errcode":0,')
    if request.transport is not None:
        request.transport.abort()
    return response


async def floods(_: web.Request) -> web.StreamResponse:
    """Answer with 10 MB."""
    return web.Response(body=b" " * 10_000_000)


@dataclass
class VendorServer:
    """A bot endpoint. Plays `script` scene by scene, the last one for ever; `seen` are the bodies it got.

    Whoever asks for an application's token gets a new one, unless `tokens` has another scene; `tokens_given`
    counts.
    """

    script: list[Play] = field(default_factory=list)
    tokens: list[Play] = field(default_factory=list)
    tokens_given: int = 0
    seen: list[dict[str, Any]] = field(default_factory=list)
    queries: list[dict[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    base: str = ""

    @property
    def address(self) -> str:
        """Return the address of a bot."""
        return f"{self.base}/robot/send?key=very-secret-key"

    async def give_token(self, request: web.Request) -> web.StreamResponse:
        self.tokens_given += 1
        given = {"errcode": 0, "access_token": f"token-{self.tokens_given}", "expires_in": 7200}
        scene = self.tokens.pop(0) if self.tokens else says(given)
        response: web.StreamResponse = await scene(request)
        return response

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.raw.append(await request.read())
        self.seen.append(json.loads(self.raw[-1] or b"{}"))
        self.queries.append(dict(request.query))
        self.headers.append(dict(request.headers))
        self.paths.append(request.path)
        scene = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        response: web.StreamResponse = await scene(request)
        return response


@asynccontextmanager
async def vendor_server(*script: Play, tls: ssl.SSLContext | None = None) -> AsyncIterator[VendorServer]:
    """Serve a bot endpoint on a free port, under TLS if a context is given."""
    server = VendorServer(script=list(script))
    app = web.Application()
    app.router.add_get("/cgi-bin/gettoken", server.give_token)
    app.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    host, port = runner.addresses[0][:2]
    server.base = f"{'https' if tls else 'http'}://{host}:{port}"
    try:
        yield server
    finally:
        await runner.cleanup()
