"""The pages under 设置: who finds what there, people and channels, how the service fares and what to do."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import time, timedelta

import pytest

from alerts.model import AlertState
from monitor.desk import words
from monitor.desk.health import KINDS
from monitor.desk.machine import GIB, MIB, Disk, say_bytes
from monitor.office.model import ChannelKind, ChannelSpec, Office, QuietHours
from monitor.ports import Store
from monitor.ports.workers import Worker
from tests.desk.conftest import ServedDesk, serve
from tests.desk.story import NOW, XSS, an_office
from tests.support.builders import an_alert
from tests.support.clock import SimulatedClock

EVERYONE = {"/account", "/subscribe", "/rehearsals"}
OFFICERS = EVERYONE | {"/settings/health", "/sources", "/journal", "/settings/people", "/rota"}


@pytest.mark.parametrize(
    ("role", "paths"),
    [
        ("department", EVERYONE),
        ("duty", OFFICERS),
        ("leader", OFFICERS),
        ("admin", OFFICERS | {"/channels", "/accounts"}),
    ],
)
async def test_everybody_finds_the_pages_they_may_open_and_no_others(
    served: ServedDesk, role: str, paths: set[str]
) -> None:
    everywhere = OFFICERS | {"/channels", "/accounts", "/rules"}
    async with served.browser(role) as browser:
        page = (await browser.get("/settings")).text.split("<main")[1]
        assert {path for path in everywhere if f'href="{path}"' in page} == paths
        for path in paths:
            assert (await browser.get(path)).status == 200, path


def an_office_by_night() -> Office:
    """Return an office where one telephone rings, one level is left alone at night, and a leader has none."""
    office = an_office()
    ringing = ChannelSpec(name="duty-sms", kind=ChannelKind.SIMULATED, rings=True)
    duty, head, leader = office.people
    return replace(
        office,
        channels=(*office.channels, ringing),
        people=(replace(duty, channels=("duty-wecom", "duty-sms")), head, replace(leader, channels=())),
        quiet_hours=(QuietHours(level=2, since=time(22), until=time(7)),),
        administrators=("office_head",),
    )


async def test_people_are_shown_with_what_rings_at_night(told: Store, clock: SimulatedClock) -> None:
    async with (
        serve(told, clock, office=an_office_by_night, faults=lambda: (f"office.yaml:3:1: {XSS}",)) as desk,
        desk.browser("duty") as browser,
    ):
        page = (await browser.get("/settings/people")).text
    for said in (
        "duty-sms 会响铃",
        "22:00–07:00 只有特别重大、重大和到期照常通知",
        "<strong>没有渠道</strong>",
        "赵谷雨（第 3 层级）没有任何渠道",
        "县应急管理局",
        "仍按原配置运行",
    ):
        assert said in page, said
    assert XSS not in page


@pytest.mark.parametrize("kind", KINDS)
def test_for_every_kind_of_trouble_it_is_said_what_to_do(kind: str) -> None:
    assert words.word("advice", kind) != kind


@pytest.mark.parametrize(
    ("free", "total", "is_low"),
    [(3 * GIB, 100 * GIB, False), (GIB, 100 * GIB, True), (GIB, 5 * GIB, False), (0, 5 * GIB, True)],
)
def test_a_disk_is_low_below_a_tenth_and_two_gigabytes(free: int, total: int, *, is_low: bool) -> None:
    assert (Disk(free=free, total=total).fault is not None) is is_low


@pytest.mark.parametrize(
    ("count", "said"), [(0, "1 MB"), (850 * MIB, "850 MB"), (GIB, "1.0 GB"), (16 * GIB // 5, "3.2 GB")]
)
def test_room_is_said_in_units_of_1024(count: int, said: str) -> None:
    assert say_bytes(count) == said


@pytest.fixture
async def cramped(told: Store, clock: SimulatedClock) -> AsyncIterator[ServedDesk]:
    async with serve(told, clock, disk=lambda: Disk(free=90 * MIB, total=100 * GIB)) as desk:
        yield desk


async def test_the_state_of_the_service_is_told_with_what_to_do(cramped: ServedDesk, told: Store) -> None:
    worker = Worker(
        name="a-1",
        host="county-a",
        roles=("collect", "engine"),
        version="0.1.0",
        started_at=NOW - timedelta(days=2),
        seen_at=NOW - timedelta(seconds=20),
    )
    lost = replace(worker, name="b-1", host="county-b", seen_at=NOW - timedelta(minutes=5))
    with told.transaction() as transaction:
        for each in (worker, lost):
            transaction.note_worker(each, NOW - timedelta(days=1))
        [alert] = transaction.enqueue([an_alert(incident_id=None, to="leader", reason="channel_unhealthy")])
        dead = replace(alert, state=AlertState.DEAD, cause="permanent", closed_at=NOW - timedelta(hours=1))
        transaction.update_alerts([dead])
    async with cramped.browser("duty") as browser:
        page = (await browser.get("/settings/health")).text
        assert "磁盘只剩 90 MB" in (await browser.get("/")).text
    for said in (
        "磁盘只剩 90 MB",
        "请清理磁盘或扩容",
        "3秒前",
        "county-a",
        "运行中",
        "失去联系",
        "采集、时限引擎",
        "赵谷雨",
        "对方拒收",
        "共 100.0 GB",
    ):
        assert said in page, said


async def test_a_service_just_born_says_what_it_does_not_know_yet(quiet: ServedDesk) -> None:
    async with quiet.browser("admin") as browser:
        page = (await browser.get("/settings/health")).text
    for said in ("时限引擎尚未运行", "请重启服务", "还没有进程登记", "还没有", "数据库大小"):
        assert said in page, said
