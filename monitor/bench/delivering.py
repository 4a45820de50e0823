"""How many messages leave a second for a local endpoint, beside bare posts to the same endpoint."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from statistics import median
from time import perf_counter
from typing import Final

import aiohttp
from aiohttp import web

from alerts.channels.base import open_session
from alerts.channels.build import build_channel
from alerts.model import Alert
from alerts.outbox import BATCH, Outbox
from monitor.bench.corpus import STARTS_AT
from monitor.bench.engine import open_incidents
from monitor.bench.ground import bench_setting
from monitor.bench.measure import Figure, Sizes
from monitor.clock import SystemClock
from monitor.office.example import example_office
from monitor.office.model import ChannelKind, Office
from monitor.pipeline.rendering import Rendering
from monitor.ports import Channel

HOST: Final = "127.0.0.1"
ROUND_EVERY: Final = timedelta(minutes=1)


def bench_deliver(sizes: Sizes) -> tuple[Figure, ...]:
    """Measure the way from a due row of the outbox to its receipt, attempts and journal included."""
    return asyncio.run(_deliver(sizes))


async def _deliver(sizes: Sizes) -> tuple[Figure, ...]:
    ours, bare = [], []
    async with endpoint() as address, open_session(allow_private=True) as session:
        office = office_at(address)
        channels = channels_of(office, session)
        with bench_setting(office) as setting:
            outbox = Outbox(setting.store, setting.circumstances, Rendering(setting, tuple, no_link), "bench")
            for number in range(sizes.rounds):
                now = STARTS_AT + number * ROUND_EVERY
                await asyncio.to_thread(open_incidents, setting, sizes.firing, now)
                started = perf_counter()
                sent = await drain(outbox, channels, now)
                ours.append(sent / (perf_counter() - started))
                bare.append(await _bare_rate(session, address, sent))
    return (
        Figure(
            bench="deliver",
            name="signed webhook",
            value=median(ours),
            unit="messages/s",
            compared_with="aiohttp POST",
            reference=median(bare),
        ),
    )


def no_link(alert: Alert) -> str | None:
    """Give no alert a link."""
    del alert
    return None


async def drain(outbox: Outbox, channels: dict[str, Channel], now: datetime) -> int:
    """Send all that is due; return how many messages left."""
    sent = 0
    while tried := await outbox.deliver(channels, lambda: now):
        sent += tried
    return sent


async def _bare_rate(session: aiohttp.ClientSession, address: str, count: int) -> float:
    """Post as many messages, as many at a time as the outbox does."""

    async def post() -> None:
        async with session.post(address, data=b"{}" * 200) as response:
            await response.read()

    started = perf_counter()
    for start in range(0, count, BATCH):
        async with asyncio.TaskGroup() as group:
            for _ in range(start, min(start + BATCH, count)):
                group.create_task(post())
    return count / (perf_counter() - started)


def office_at(address: str) -> Office:
    """Return the example office with every channel a webhook at this address."""
    office = example_office()
    return replace(
        office,
        channels=tuple(
            replace(
                channel,
                kind=ChannelKind.WEBHOOK,
                address=address,
                secret="bench-bench-bench",  # noqa: S106 - signs nothing but this bench
                per_minute=1_000_000,
            )
            for channel in office.channels
        ),
        allow_private_channels=True,
    )


def channels_of(office: Office, session: aiohttp.ClientSession) -> dict[str, Channel]:
    """Return every channel of the office, ready to send."""
    return {
        spec.name: build_channel(spec, None, session, SystemClock(), allow_private=True)
        for spec in office.channels
    }


@asynccontextmanager
async def endpoint() -> AsyncIterator[str]:
    """Serve an address that accepts everything; yield it."""

    async def accept(request: web.Request) -> web.Response:
        await request.read()
        return web.json_response({"ok": True})

    application = web.Application()
    application.add_routes([web.post("/hook", accept)])
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, 0).start()
        yield f"http://{HOST}:{runner.addresses[0][1]}/hook"
    finally:
        await runner.cleanup()
