"""How fast the desk answers while 200 incidents are open, and what open pages cost while nothing happens."""

import asyncio
import gc
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from statistics import median
from time import perf_counter, process_time
from typing import Final

import aiohttp
from pydantic import SecretStr

from alerts.model import AlertState
from monitor.bench.browser import find_chromium, first_contents
from monitor.bench.corpus import STARTS_AT, compose, items_of
from monitor.bench.engine import open_incidents, severe_verdict
from monitor.bench.ground import bench_setting
from monitor.bench.journey import bench_intake
from monitor.bench.measure import Figure, Sizes, percentile
from monitor.clock import Clock
from monitor.desk.app import build_desk, desk_server
from monitor.desk.context import COOKIE, DeskSettings
from monitor.dossier.intake import Newcomer, open_incident
from monitor.drill.pace import AcceleratedClock
from monitor.keeping import keep
from monitor.pipeline.receiving import DeskActs
from monitor.pipeline.setting import Setting

HOST: Final = "127.0.0.1"
BARE: Final = "/static/desk.css"
PACE: Final = 20.0
"""How many seconds of the desk's clock pass in a real one: what a board shows changes meanwhile."""


def bench_desk(sizes: Sizes) -> tuple[Figure, ...]:
    """Measure what a duty officer sees, one request after the other, and what waiting pages cost."""
    with bench_setting() as setting:
        open_incidents(setting, sizes.board)
        busiest = _open_busiest(setting, sizes)
        _tell_everybody(setting)
        return asyncio.run(_desk(setting, sizes, busiest))


def _open_busiest(setting: Setting, sizes: Sizes) -> int:
    """Open one more incident, which a thousand items tell of; return its number."""
    verdict = severe_verdict(setting)
    items = [
        replace(item, key=f"busiest:{item.key}", published_at=STARTS_AT, first_seen_at=STARTS_AT)
        for item in items_of(compose(sizes.reports, seed=1, matter_share=1.0))
    ]
    with setting.store.transaction() as transaction:
        circumstances = setting.circumstances(transaction, STARTS_AT)
        kept = transaction.add_items(items, [verdict] * len(items))
        number = transaction.next_incident_id()
        told = [Newcomer(item=item, verdict=verdict) for item in kept]
        keep(transaction, open_incident(number, told, circumstances))
    return number


def _tell_everybody(setting: Setting) -> None:
    """Let every message have arrived, so that the board has somebody to name."""
    with setting.store.transaction() as transaction:
        waiting = transaction.alerts_in_states((AlertState.QUEUED,), limit=1_000_000)
        transaction.update_alerts([replace(a, state=AlertState.SENT, closed_at=STARTS_AT) for a in waiting])


async def _desk(setting: Setting, sizes: Sizes, busiest: int) -> tuple[Figure, ...]:
    pages = {"/": "board", f"/incidents/{busiest}": "incident", "/sources": "sources", BARE: "static file"}
    taken: dict[str, list[float]] = {path: [] for path in pages}
    async with (
        _served(setting, AcceleratedClock(STARTS_AT, PACE)) as (base, token),
        aiohttp.ClientSession(base, cookies={COOKIE: token}) as session,
    ):
        for _ in range(sizes.rounds):
            for path, times in taken.items():
                times += [(await _get(session, path))[0] for _ in range(sizes.pages)]
        size = (await _get(session, "/"))[1]
        painted = await _paint(base, token, sizes)
    bare = taken.pop(BARE)
    return (
        Figure(
            bench="desk",
            name=f"board, {sizes.board + 1} open incidents",
            value=1 / median(taken["/"]),
            unit="requests/s",
            compared_with=pages[BARE],
            reference=1 / median(bare),
        ),
        *(
            Figure(
                bench="desk",
                name=f"{pages[path]}, p95",
                value=percentile(times, 95) * 1000,
                unit="ms",
                compared_with=pages[BARE],
                reference=percentile(bare, 95) * 1000,
            )
            for path, times in taken.items()
        ),
        Figure(bench="desk", name="board, size", value=size / 1000, unit="kB"),
        Figure(bench="desk", name="board, first content in Chromium", value=painted, unit="ms"),
        await _waiting(setting, sizes),
    )


async def _get(session: aiohttp.ClientSession, path: str) -> tuple[float, int]:
    """Return the seconds one answer takes and the bytes of its body."""
    started = perf_counter()
    async with session.get(path, allow_redirects=False) as response:
        response.raise_for_status()
        if response.status != 200:
            raise aiohttp.ClientResponseError(response.request_info, (), status=response.status)
        size = len(await response.read())
    return perf_counter() - started, size


async def _paint(base: str, token: str, sizes: Sizes) -> float | None:
    """Return the median of when the board first shows content; None where there is no browser."""
    chromium = find_chromium()
    if chromium is None:
        return None
    return median(await first_contents(chromium, f"{base}/", (COOKIE, token), sizes.paints))


async def _waiting(setting: Setting, sizes: Sizes) -> Figure:
    """Measure the share of one core that open pages take while nothing happens, beside none open.

    It is the processor time of the whole process, theirs and ours, over the time of the desk's clock.
    """
    shares = []
    for desks in (sizes.desks, 0):
        clock = AcceleratedClock(STARTS_AT, PACE)
        async with _served(setting, clock) as (base, token), AsyncExitStack() as stack:
            session = await stack.enter_async_context(
                aiohttp.ClientSession(
                    base, cookies={COOKIE: token}, connector=aiohttp.TCPConnector(limit=desks or 1)
                )
            )
            for _ in range(desks):
                stream = await stack.enter_async_context(session.get("/events"))
                await stream.content.readline()
            before = process_time()
            await clock.sleep(sizes.watched)
            shares.append((process_time() - before) / sizes.watched.total_seconds() * 100)
    return Figure(
        bench="desk",
        name=f"{sizes.desks} open pages while nothing happens",
        value=shares[0],
        unit="% of a core",
        compared_with="no open page",
        reference=shares[1],
    )


@asynccontextmanager
async def _served(setting: Setting, clock: Clock) -> AsyncIterator[tuple[str, str]]:
    """Serve the desk; yield its address and the session of a duty officer."""
    app = build_desk(
        store=setting.store,
        acts=DeskActs(setting, clock, bench_intake(setting), tuple),
        office=setting.office,
        sources=tuple,
        clock=clock,
        settings=DeskSettings(secret=SecretStr("bench" * 8), version="bench", demo=True),
    )
    access = app.state.desk.access
    token = access.enter(access.open_demo("duty", "duty"))
    gc.freeze()  # as the service does once it is ready
    # The socket listens before the server runs: the first request waits in its queue.
    listening = socket.create_server((HOST, 0))
    # As a server that opens its own socket does; else the kernel holds half of each answer for 40 ms.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server = desk_server(app, host=HOST, port=0)
    async with asyncio.TaskGroup() as group:
        group.create_task(server.serve(sockets=[listening]))
        try:
            yield f"http://{HOST}:{listening.getsockname()[1]}", token
        finally:
            server.should_exit = True
