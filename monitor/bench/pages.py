"""How fast the board answers while 200 incidents are open, beside an answer that reads nothing."""

import asyncio
import gc
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from statistics import median
from time import perf_counter
from typing import Final

import aiohttp
from pydantic import SecretStr

from monitor.bench.corpus import STARTS_AT
from monitor.bench.engine import open_incidents
from monitor.bench.ground import StillClock, bench_setting
from monitor.bench.journey import bench_intake
from monitor.bench.measure import Figure, Sizes, percentile
from monitor.desk.app import build_desk, desk_server
from monitor.desk.context import COOKIE, DeskSettings
from monitor.pipeline.receiving import DeskActs
from monitor.pipeline.setting import Setting

HOST: Final = "127.0.0.1"
BARE: Final = "/static/desk.css"


def bench_desk(sizes: Sizes) -> tuple[Figure, ...]:
    """Measure the board as a signed-in duty officer sees it, one request after the other."""
    with bench_setting() as setting:
        open_incidents(setting, sizes.board)
        return asyncio.run(_desk(setting, sizes))


async def _desk(setting: Setting, sizes: Sizes) -> tuple[Figure, ...]:
    async with (
        _served(setting) as (base, token),
        aiohttp.ClientSession(base, cookies={COOKIE: token}) as session,
    ):
        board: list[float] = []
        bare: list[float] = []
        for _ in range(sizes.rounds):
            board += [await _get(session, "/") for _ in range(sizes.pages)]
            bare += [await _get(session, BARE) for _ in range(sizes.pages)]
    return (
        Figure(
            bench="desk",
            name=f"board, {sizes.board} open incidents",
            value=1 / median(board),
            unit="requests/s",
            compared_with="static file",
            reference=1 / median(bare),
        ),
        Figure(
            bench="desk",
            name="board, p95",
            value=percentile(board, 95) * 1000,
            unit="ms",
            compared_with="static file",
            reference=percentile(bare, 95) * 1000,
        ),
    )


async def _get(session: aiohttp.ClientSession, path: str) -> float:
    started = perf_counter()
    async with session.get(path, allow_redirects=False) as response:
        response.raise_for_status()
        if response.status != 200:
            raise aiohttp.ClientResponseError(response.request_info, (), status=response.status)
        await response.read()
    return perf_counter() - started


@asynccontextmanager
async def _served(setting: Setting) -> AsyncIterator[tuple[str, str]]:
    """Serve the desk; yield its address and the session of a duty officer."""
    clock = StillClock(STARTS_AT)
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
