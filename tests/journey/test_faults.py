"""Faults of the surroundings: a full disk, a locked or lost database, a dead name server. Nothing is lost."""

import asyncio
import json
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from datetime import timedelta
from pathlib import Path

import aiohttp
import psycopg
import pytest
from fastapi import FastAPI
from sqlalchemy import make_url

from monitor.clock import SystemClock
from monitor.collectors.model import PollState
from monitor.desk.health import Surroundings, troubles
from monitor.errors import StoreError
from monitor.service import Service, build_parts, desk_access, serve
from storage.engine import open_store
from tests.journey.sources import COLLAPSE, COLLAPSE_TEXT, feed_source, rss, sources_file
from tests.journey.test_journey import DETECTED, collapse_feed
from tests.support.builders import a_change, an_alert, an_incident, opening
from tests.support.clock import SimulatedClock
from tests.support.county import county
from tests.support.databases import fresh_database
from tests.support.faults import cut_off, end_connections, full_disk, locked
from tests.support.mail import MailServer
from tests.support.vendors import VendorServer
from tests.support.web import ScriptedSite
from tests.test_service import some_settings

Fault = Callable[[str], AbstractContextManager[None]]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait 50 ms for a lock instead of 10 s, and for a name server as briefly as it can be asked."""
    monkeypatch.setattr("storage.engine._BUSY_TIMEOUT_MS", 50)
    monkeypatch.setenv("RES_OPTIONS", "timeout:1 attempts:1")


def a_full_disk(url: str) -> AbstractContextManager[None]:
    del url
    return full_disk()


FAULTS = [
    pytest.param("sqlite", a_full_disk, id="full disk"),
    pytest.param("sqlite", locked, id="locked file"),
    pytest.param("postgresql", locked, id="locked tables", marks=pytest.mark.postgres),
    pytest.param("postgresql", cut_off, id="lost connection", marks=pytest.mark.postgres),
]


@pytest.mark.parametrize(("kind", "fault"), FAULTS)
async def test_what_came_and_fell_due_meanwhile_is_told_once_when_the_database_is_back(
    kind: str,
    fault: Fault,
    tmp_path: Path,
    clock: SimulatedClock,
    site: ScriptedSite,
    bot: VendorServer,
    mail: MailServer,
) -> None:
    sources = sources_file(feed_source("paper", collapse_feed(site, clock)))
    with fresh_database(kind, tmp_path) as url:
        async with county(tmp_path, url, sources, clock=clock, mail=mail, wecom=bot.address) as town:
            await town.step()
            clock.advance(timedelta(seconds=1))
            with fault(url):
                with pytest.raises(StoreError):
                    await town.poll("paper")
                with pytest.raises(StoreError):
                    town.engine.tick(clock.now())
            assert town.find("坍塌") == ()
            await town.poll("paper")
            with fault(url), pytest.raises(StoreError):
                await town.step()
            await town.step()
            assert town.told() == DETECTED
            assert len(bot.seen) == 1
            with fault(url), pytest.raises(StoreError):
                town.parts.acts.acknowledge(1, by="duty", via="desk")
            await town.live(timedelta(hours=2, minutes=31))
            assert ("duty", "reminder_50", "duty-wecom", "sent") in town.told()
            assert town.faults() == ()


@pytest.mark.parametrize(("kind", "fault"), FAULTS)
async def test_what_was_accepted_while_the_database_is_gone_comes_again_with_its_number(
    kind: str,
    fault: Fault,
    tmp_path: Path,
    clock: SimulatedClock,
    site: ScriptedSite,
    bot: VendorServer,
    mail: MailServer,
) -> None:
    """At least once (A2): what the vendor took cannot be written down, so it is told a second time."""
    sources = sources_file(feed_source("paper", collapse_feed(site, clock)))
    with fresh_database(kind, tmp_path) as url:
        async with county(tmp_path, url, sources, clock=clock, mail=mail, wecom=bot.address) as town:
            await town.poll("paper")
            for taken in town.outbox.take(clock.now()):
                message = taken.claim.message
                outcome = await town.channels[message.channel].send(taken.text, message.no)
                with fault(url), pytest.raises(StoreError):
                    town.outbox.settle(taken, outcome, clock.now())
            await town.live(timedelta(minutes=5))
            assert town.told() == DETECTED
            numbers = {page["text"]["content"].rpartition("编号 ")[2] for page in bot.seen}
            assert (len(bot.seen), len(numbers)) == (2, 1)
            assert town.faults() == ()


# -- it is seen


async def answer_of(service: Service, token: str) -> tuple[int, list[str]]:
    headers = {"Authorization": f"Bearer {token}"}
    address = f"http://127.0.0.1:{service.app.state.port}/health"
    async with aiohttp.ClientSession(headers=headers) as session, session.get(address) as answer:
        body = json.loads(await answer.text())
        return answer.status, body["reasons"] or []


async def page_of(service: Service, path: str) -> tuple[int, str]:
    """Return what somebody sees who was signed in before."""
    address = f"http://127.0.0.1:{service.app.state.port}{path}"
    cookies = {"huiying_session": "of before"}
    async with aiohttp.ClientSession(cookies=cookies) as session, session.get(address) as answer:
        return answer.status, await answer.text()


@pytest.mark.postgres
async def test_pages_and_numbers_answer_503_in_words_while_the_database_is_out_of_reach(
    tmp_path: Path, postgres_url: str
) -> None:
    parts = build_parts(some_settings(tmp_path, database_url=postgres_url))
    with closing(parts.store):
        service = Service(parts, ("desk",))
        service.app.state.port = parts.settings.port
        ready: asyncio.Queue[FastAPI] = asyncio.Queue()
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            running = group.create_task(serve(service, ready.put_nowait))
            await ready.get()
            with cut_off(postgres_url):
                for path in ("/", "/incidents/1", "/metrics"):
                    status, text = await page_of(service, path)
                    assert (status, "没有保存任何改动" in text) == (503, True)
            assert (await page_of(service, "/login"))[0] == 200
            service.stop()
            await running


@pytest.mark.parametrize(
    ("kind", "fault", "reason"),
    [
        pytest.param("sqlite", a_full_disk, "“时限引擎”连续失败", id="full disk"),
        pytest.param("sqlite", locked, "“时限引擎”连续失败", id="locked file"),
        pytest.param(
            "postgresql", locked, "数据库暂时读不到", id="locked tables", marks=pytest.mark.postgres
        ),
        pytest.param("postgresql", cut_off, None, id="lost connection", marks=pytest.mark.postgres),
    ],
)
async def test_a_running_service_says_so_in_health_and_goes_on_by_itself(
    kind: str, fault: Fault, reason: str | None, tmp_path: Path
) -> None:
    """Where the database is out of reach nobody's token can be looked up: all the same it answers 503."""
    with fresh_database(kind, tmp_path) as url:
        parts = build_parts(some_settings(tmp_path, database_url=url))
        with closing(parts.store):
            access = desk_access(parts)
            access.open_demo("admin", None)
            token = access.issue_token("demo-admin", ("read",), timedelta(days=1))
            service = Service(parts, ("engine", "desk"))
            service.app.state.port = parts.settings.port
            ready: asyncio.Queue[FastAPI] = asyncio.Queue()

            async def until(status: int) -> list[str]:
                while (found := await answer_of(service, token))[0] != status:
                    await SystemClock().sleep(timedelta(milliseconds=50))
                return found[1]

            async with asyncio.timeout(60), asyncio.TaskGroup() as group:
                running = group.create_task(serve(service, ready.put_nowait))
                await ready.get()
                await until(200)
                with fault(url):
                    reasons = await until(503)
                    assert (reasons == []) if reason is None else any(reason in line for line in reasons)
                await until(200)
                service.stop()
                await running


# -- PostgreSQL alone


@pytest.mark.postgres
def test_a_connection_that_dies_in_the_middle_leaves_nothing_and_the_next_one_works(
    postgres_url: str,
) -> None:
    address = make_url(postgres_url)
    with (
        closing(open_store(postgres_url)) as mine,
        closing(
            psycopg.connect(address.set(database="postgres").render_as_string(), autocommit=True)
        ) as admin,
    ):

        def decide_and_lose_it() -> None:
            with mine.transaction() as unit:
                unit.next_incident_id()
                unit.save(opening(an_incident(), alerts=(an_alert(),)))
                end_connections(admin, address.database)

        with pytest.raises(StoreError):
            decide_and_lose_it()
        with mine.transaction() as unit:
            assert unit.incidents() == ()
            unit.save(opening(an_incident(id=unit.next_incident_id())))
        end_connections(admin, address.database)  # now every idle one: each is tried before it is used
        with mine.transaction() as unit:
            unit.record([a_change()])
            assert unit.verify_journal()[0]


# -- the name server


async def test_a_name_that_leads_nowhere_fails_the_poll_and_the_channel_and_is_seen(
    tmp_path: Path, sqlite_url: str, clock: SimulatedClock, site: ScriptedSite, mail: MailServer
) -> None:
    told = rss((COLLAPSE, COLLAPSE_TEXT, clock.now() - timedelta(minutes=10)))
    sources = sources_file(
        feed_source("paper", site.says("/feed", told)), feed_source("lost", "http://paper.invalid/feed")
    )
    async with county(
        tmp_path, sqlite_url, sources, clock=clock, mail=mail, wecom="http://bot.invalid/send"
    ) as town:
        [lost] = await town.poll("lost")
        assert (lost.state, lost.message) == (PollState.FAILED, "域名无法解析")
        await town.poll("paper")
        await town.live(timedelta(minutes=5))
        assert ("duty", "detected", "duty-email", "sent") in town.told()
        around = Surroundings(sources=town.parts.files.sources())
        with town.store.reading() as transaction:
            assert transaction.channel_health()["duty-wecom"].failures
            found = troubles(transaction, around, clock.now())
        assert [trouble.text for trouble in found] == ["信源“昌宁lost”从未成功"]
        assert town.faults() == ()
