"""The service under its own timetable and the machine's own clock: it starts, works, and stops."""

import asyncio
import socket
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from fastapi import FastAPI
from pydantic import SecretStr

from alerts.channels.base import open_session
from monitor.clock import SystemClock
from monitor.errors import ConfigurationError
from monitor.service import Parts, Service, build_parts, link_maker
from monitor.service import serve as serve_until_stopped
from monitor.settings import Settings
from tests.journey.sources import COLLAPSE, COLLAPSE_TEXT, feed_source, rss, sources_file
from tests.storage.test_journal import change_by_hand
from tests.support.builders import a_change, an_alert, an_item
from tests.support.county import OFFICE
from tests.support.dictionary import lend_dictionary
from tests.support.vendors import vendor_server
from tests.support.web import ScriptedSite


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def some_settings(
    folder: Path,
    sources: str = "sources: []\n",
    wecom: str = "http://127.0.0.1:1",
    database_url: str | None = None,
) -> Settings:
    (folder / "sources.yaml").write_text(sources, encoding="utf-8")
    (folder / "office.yaml").write_text(OFFICE.replace("WECOM", wecom), encoding="utf-8")
    lend_dictionary(folder / "var")
    return Settings(
        _env_file=None,
        database_url=SecretStr(database_url or f"sqlite:///{folder / 'huiying.db'}"),
        sources=folder / "sources.yaml",
        office=folder / "office.yaml",
        var=folder / "var",
        port=free_port(),
    )


def edit_office(folder: Path, old: str, new: str) -> None:
    text = (folder / "office.yaml").read_text(encoding="utf-8")
    (folder / "office.yaml").write_text(text.replace(old, new), encoding="utf-8")


@contextmanager
def built(settings: Settings) -> Iterator[Parts]:
    parts = build_parts(settings)
    with closing(parts.store):
        yield parts


async def test_a_feed_becomes_a_message_by_the_timetable_alone_and_the_desk_answers(tmp_path: Path) -> None:
    told: asyncio.Queue[str] = asyncio.Queue()

    async def take(request: web.Request) -> web.StreamResponse:
        told.put_nowait((await request.json())["text"]["content"])
        return web.json_response({"errcode": 0})

    async with ScriptedSite() as site, vendor_server(take) as bot, asyncio.timeout(60):
        published = SystemClock().now() - timedelta(minutes=5)
        title, text = (words.replace("3月2日7时30分许，", "") for words in (COLLAPSE, COLLAPSE_TEXT))
        feed = site.says("/feed", rss((title, text, published)))
        with built(some_settings(tmp_path, sources_file(feed_source("paper", feed)), bot.address)) as parts:
            service = Service(parts)
            ready: asyncio.Queue[FastAPI] = asyncio.Queue()
            async with asyncio.TaskGroup() as group:
                running = group.create_task(serve_until_stopped(service, ready.put_nowait))
                assert await ready.get() is service.app
                assert COLLAPSE[:10] in await told.get()
                async with (
                    aiohttp.ClientSession() as session,
                    session.get(f"http://127.0.0.1:{parts.settings.port}/health") as answer,
                ):
                    assert answer.status in (200, 503)
                service.stop()
                await running


async def test_two_workers_on_one_database_share_the_work_and_an_edited_office_holds_at_once(
    tmp_path: Path,
) -> None:
    told: asyncio.Queue[str] = asyncio.Queue()

    async def take(request: web.Request) -> web.StreamResponse:
        told.put_nowait((await request.json())["text"]["content"])
        return web.json_response({"errcode": 0})

    async with ScriptedSite() as site, vendor_server(take) as bot, asyncio.timeout(60):
        published = SystemClock().now() - timedelta(minutes=5)
        title, text = (words.replace("3月2日7时30分许，", "") for words in (COLLAPSE, COLLAPSE_TEXT))
        feed = site.says("/feed", rss((title, text, published)))
        settings = some_settings(tmp_path, sources_file(feed_source("paper", feed)))
        with built(settings) as collecting, built(settings) as telling:
            office = settings.office.read_text(encoding="utf-8")
            teller = Service(telling, ("engine", "deliver"))
            collector = Service(collecting, ("collect",))
            async with asyncio.TaskGroup() as group:
                group.create_task(serve_until_stopped(teller, lambda _: None))
                edited = office.replace("http://127.0.0.1:1", bot.address)
                settings.office.write_text(edited, encoding="utf-8")
                while telling.files.office().channels == collecting.files.office().channels:
                    await SystemClock().sleep(timedelta(milliseconds=20))
                group.create_task(serve_until_stopped(collector, lambda _: None))
                assert COLLAPSE[:10] in await told.get()
                teller.stop()
                collector.stop()
    assert told.empty()


async def test_a_worker_without_the_desk_is_ready_at_once_and_listens_to_nobody(tmp_path: Path) -> None:
    with built(some_settings(tmp_path)) as parts:
        service = Service(parts, ("engine",))
        ready: list[FastAPI] = []

        def stop(app: FastAPI) -> None:
            ready.append(app)
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", parts.settings.port), timeout=5)
            service.stop()

        async with asyncio.timeout(30):
            await serve_until_stopped(service, stop)
        assert ready == [service.app]


def test_faults_of_all_files_are_told_at_once_and_nothing_starts(tmp_path: Path) -> None:
    settings = some_settings(tmp_path, "sources: 5\n")
    (tmp_path / "office.yaml").write_text("name: 5\n", encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        build_parts(settings)
    assert {fault.partition(":")[0] for fault in refused.value.faults} == {"sources.yaml", "office.yaml"}
    assert not (tmp_path / "huiying.db").exists()


def test_an_edit_holds_without_a_restart_and_a_faulty_one_keeps_the_old(tmp_path: Path) -> None:
    with built(some_settings(tmp_path)) as parts:
        edit_office(tmp_path, "name: 值班员", "name: 张三")
        (tmp_path / "sources.yaml").write_text("sources: 5\n", encoding="utf-8")
        parts.files.refresh()
        person = parts.files.office().person("duty")
        assert person is not None
        assert person.name == "张三"
        assert parts.files.sources() == ()
        [fault] = parts.files.faults()
        assert fault.startswith("sources.yaml:1:")


def test_the_secret_is_made_once_for_this_user_alone(tmp_path: Path) -> None:
    secrets = []
    for _ in range(2):
        with built(some_settings(tmp_path)) as parts:
            secrets.append(parts.secret.get_secret_value())
    assert secrets[0] == secrets[1]
    assert stat.S_IMODE((tmp_path / "var/secret").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "var/jieba").stat().st_mode) == 0o700


def test_a_message_carries_a_link_once_there_is_an_address_and_an_incident(tmp_path: Path) -> None:
    with built(some_settings(tmp_path)) as parts:
        link_for = link_maker(parts)
        assert link_for(an_alert(message_no=7)) is None
        edit_office(tmp_path, "digest:", "public_url: https://desk.example/\ndigest:")
        parts.files.refresh()
        link = link_for(an_alert(message_no=7))
        assert link is not None
        assert link.startswith("https://desk.example/")
        assert "example//" not in link
        assert link_for(an_alert(incident_id=None)) is None
        about = an_alert(facts='{"draft": 2}')
        assert link_for(about) == "https://desk.example/incidents/1/draft?number=2"


def test_edited_words_reach_judge_and_segmenter_and_are_forgotten_again(tmp_path: Path) -> None:
    (tmp_path / "words").mkdir()
    settings = some_settings(tmp_path).model_copy(update={"words": tmp_path / "words"})
    own, text = tmp_path / "words/own.yaml", "柯街镇农用车栽沟"
    with built(settings) as parts:
        known = []
        for words in ("", "add: {events: [{type: road_traffic, words: [栽沟]}]}", "# nothing"):
            own.write_text(words, encoding="utf-8")
            parts.files.refresh()
            parts.words.refresh()
            verdict = parts.words.judge.judge_item(an_item(title=text, text=""), SystemClock().now())
            known.append(("栽沟" in parts.words.segment(text), verdict.event_type))
    assert known == [(False, None), (True, "road_traffic"), (False, None)]


async def test_the_heartbeat_is_sent_only_while_all_is_well_and_its_failures_are_kept(tmp_path: Path) -> None:
    async with ScriptedSite() as site, open_session(allow_private=True) as session:
        beat = site.says("/beat")
        settings = some_settings(tmp_path)
        edit_office(tmp_path, "digest:", f"heartbeat_url: {beat}\ndigest:")
        with built(settings) as parts:
            [audit] = [s for s in Service(parts, ("engine",))._engine_steps(session) if s.name == "audit"]

            async def failures_after(*, beats: int) -> int:
                await audit.run()
                assert site.paths() == ["/beat"] * beats
                with parts.store.reading() as transaction:
                    return transaction.self_watch().heartbeat_failures

            assert await failures_after(beats=1) == 0
            site.says("/beat", status=500)
            assert [await failures_after(beats=n) for n in (2, 3)] == [1, 2]
            with parts.store.transaction() as transaction:
                transaction.record([a_change()])
            change_by_hand(parts.store, "UPDATE journal SET actor = 'x'")
            assert await failures_after(beats=3) == 2
            edit_office(tmp_path, f"heartbeat_url: {beat}\n", "")
            parts.files.refresh()
            assert await failures_after(beats=3) == 0
