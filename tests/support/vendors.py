"""Local servers that answer like the chat bots and a webhook: scripted, errors inside a 200 body."""

import asyncio
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


async def floods(_: web.Request) -> web.StreamResponse:
    """Answer with 10 MB."""
    return web.Response(body=b" " * 10_000_000)


@dataclass
class VendorServer:
    """A bot endpoint. Plays `script` scene by scene, the last one for ever; `seen` are the bodies it got."""

    script: list[Play] = field(default_factory=list)
    seen: list[dict[str, Any]] = field(default_factory=list)
    queries: list[dict[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    address: str = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.raw.append(await request.read())
        self.seen.append(await request.json())
        self.queries.append(dict(request.query))
        self.headers.append(dict(request.headers))
        scene = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        response: web.StreamResponse = await scene(request)
        return response


@asynccontextmanager
async def vendor_server(*script: Play) -> AsyncIterator[VendorServer]:
    """Serve a bot endpoint on a free port."""
    server = VendorServer(script=list(script))
    app = web.Application()
    app.router.add_post("/robot/send", server.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    server.address = f"http://{host}:{port}/robot/send?key=very-secret-key"
    try:
        yield server
    finally:
        await runner.cleanup()
