"""`make run DEMO=1`: the built-in story on an accelerated clock, in a database of its own."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import time
from pathlib import Path

from fastapi import FastAPI
from pydantic import SecretStr

from monitor.clock import SystemClock
from monitor.drill.demo.server import demo_sources, serve_demo
from monitor.drill.demo.story import read_story
from monitor.drill.pace import AcceleratedClock
from monitor.drill.shipped import rehearsals_of
from monitor.logs import set_up_logs
from monitor.office.example import example_office
from monitor.office.model import ChannelKind, Office, PaperPlan
from monitor.service import READY, Service, build_parts, serve
from monitor.settings import Settings, read_settings

ROLES = (
    ("duty", "duty", "值班员"),
    ("head", "office_head", "主任"),
    ("leader", "leader", "领导"),
    ("department", "emergency_bureau", "部门"),
    ("analyst", None, "分析员"),
    ("admin", None, "管理员"),
)
"""The logins of the demo: role, person of the example office, and what the line says."""


async def run_demo(say: Callable[[str], None]) -> None:
    """Play the demo until stopped; `say` prints its lines."""
    await play_demo(lambda app, address: _say_ready(app, address, say))


async def play_demo(ready: Callable[[FastAPI, str], None]) -> None:
    """Play the demo until stopped; `ready` is given the desk and its address once it answers."""
    story = read_story()
    clock = AcceleratedClock(SystemClock().now(), story.pace)
    with tempfile.TemporaryDirectory(prefix="huiying-demo-") as folder:
        settings = _demo_settings(read_settings(), Path(folder))
        set_up_logs(level=settings.log_level, folder=settings.var, development=settings.development)
        async with serve_demo(clock, story) as base:
            parts = build_parts(settings, clock, demo_office(), demo_sources(base, story))
            service = Service(parts, demo=True, rate=story.pace, rehearsals=rehearsals_of(parts))
            await serve(service, lambda app: ready(app, f"http://{settings.host}:{settings.port}"))


def _demo_settings(settings: Settings, folder: Path) -> Settings:
    database = SecretStr(f"sqlite:///{folder / 'demo.db'}")
    return settings.model_copy(update={"var": folder, "database_url": database})


def demo_office() -> Office:
    """Return the example office with every channel on the console: no message leaves the machine.

    It has papers: a flash at once, the digest in the morning of the story.
    """
    office = example_office()
    channels = tuple(replace(channel, kind=ChannelKind.CONSOLE) for channel in office.channels)
    return replace(
        office,
        name=f"{office.name}（演示）",
        channels=channels,
        digest_at=time(8),
        papers=PaperPlan(flash_to=("leader", "office_head")),
    )


def _say_ready(app: FastAPI, address: str, say: Callable[[str], None]) -> None:
    for role, person, name in ROLES:
        say(f"{name}登录链接（一次有效）：{address}/enter/{app.state.desk.access.open_demo(role, person)}")
    say(f"{READY} {address}")
