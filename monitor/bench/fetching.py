"""How many polls a second one process manages on loopback, beside bare GETs of the same answer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from hashlib import blake2b
from statistics import median
from time import perf_counter
from typing import Final

import aiohttp
from aiohttp import web

from monitor.bench.corpus import STARTS_AT
from monitor.bench.feeds import SOURCE, documents
from monitor.bench.measure import Figure, Sizes
from monitor.clock import SystemClock
from monitor.collectors.fetch import Fetcher
from monitor.collectors.model import Politeness, SourceState
from monitor.collectors.poll import poll

HOST: Final = "127.0.0.1"
ETAG: Final = '"bench"'


def bench_fetch(sizes: Sizes) -> tuple[Figure, ...]:
    """Measure polls answered 304, answered with the same body, and answered with a new one."""
    return asyncio.run(_fetch(sizes))


async def _fetch(sizes: Sizes) -> tuple[Figure, ...]:
    (body,) = documents(1)
    async with (
        _served(body) as address,
        Fetcher(clock=SystemClock()) as fetcher,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
    ):
        source = replace(
            SOURCE,
            address=address,
            politeness=Politeness(own=True, allow_private=True, spacing=timedelta(0)),
        )
        new = SourceState(source_id=source.id, identity=source.identity)
        figures = []
        for name, state in {
            "answered 304": replace(new, etag=ETAG),
            "same body again": replace(new, body_hash=blake2b(body, digest_size=16).hexdigest()),
            "new body, read": new,
        }.items():
            value, reference = await _rates(
                sizes,
                partial(poll, source, state, fetcher, STARTS_AT),
                partial(_bare_get, session, address, {"If-None-Match": state.etag} if state.etag else {}),
            )
            figures.append(
                Figure(
                    bench="fetch",
                    name=name,
                    value=value,
                    unit="polls/s",
                    compared_with="aiohttp GET",
                    reference=reference,
                )
            )
    return tuple(figures)


async def _bare_get(session: aiohttp.ClientSession, address: str, headers: dict[str, str]) -> None:
    async with session.get(address, headers=headers) as response:
        await response.read()


async def _rates(sizes: Sizes, *acts: Callable[[], Awaitable[object]]) -> tuple[float, ...]:
    """Return how often a second each act can be done, one after the other; the acts take turns."""
    taken = [[await _seconds(act, sizes.polls) for act in acts] for _ in range(sizes.rounds)]
    return tuple(sizes.polls / median(column) for column in zip(*taken, strict=True))


async def _seconds(act: Callable[[], Awaitable[object]], times: int) -> float:
    started = perf_counter()
    for _ in range(times):
        await act()
    return perf_counter() - started


@asynccontextmanager
async def _served(body: bytes) -> AsyncIterator[str]:
    """Serve one feed with an ETag; yield its address."""

    async def answer(request: web.Request) -> web.Response:
        if request.headers.get("If-None-Match") == ETAG:
            return web.Response(status=304, headers={"ETag": ETAG})
        return web.Response(body=body, content_type="application/rss+xml", headers={"ETag": ETAG})

    application = web.Application()
    application.add_routes([web.get("/feed", answer)])
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, 0).start()
        yield f"http://{HOST}:{runner.addresses[0][1]}/feed"
    finally:
        await runner.cleanup()
