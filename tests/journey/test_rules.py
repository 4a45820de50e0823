"""A county analyst's story on the running service: names and words are the office's, without a restart."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import aiohttp
from fastapi import FastAPI

from monitor.clock import SystemClock
from monitor.service import Service
from monitor.service import serve as serve_until_stopped
from tests.test_service import built, edit_office, some_settings

TITLE = "老鹰嘴寨子一农用车栽沟"
PLACES = """{name: 漭水镇, kind: township, code: "530524102"},
            {name: 老鹰嘴村, kind: village, aliases: [老鹰嘴寨子]}"""
TOWNSHIP = '{name: 漭水镇, kind: township, code: "530524102"}'
WORDS = "add:\n  events:\n    - type: 道路交通事故\n      words: [栽沟]\n"


class Analyst:
    """An analyst at the desk of a running service."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def page(self) -> str:
        async with self._session.get("/rules") as answer:
            return await answer.text()

    async def says(self, title: str) -> str:
        csrf = (await self.page()).split('name="csrf" value="')[1].split('"')[0]
        fields = {"csrf": csrf, "act": "assess", "title": title}
        async with self._session.post("/rules", data=fields) as answer:
            return await answer.text()


async def until(words: str, look: Callable[[], Awaitable[str]]) -> str:
    while words not in (page := await look()):
        await SystemClock().sleep(timedelta(milliseconds=100))
    return page


async def tell_the_story(folder: Path, analyst: Analyst, health: Callable[[], Awaitable[str]]) -> None:
    async def verdict() -> str:
        return await analyst.says(TITLE)

    assert "不是舆情" in await verdict()
    # A word, with a mistake first: it is pointed out, and what held before still holds.
    own = folder / "words" / "words.yaml"
    own.write_text(WORDS.replace("words:", "word:"), encoding="utf-8")
    page = await until("words/words.yaml 第 4 行第 7 列", analyst.page)
    assert "add.events[0].word: 不认识的键，是否指 words？" in page
    assert "words/words.yaml:4:7" in await health()
    assert "不是舆情" in await verdict()
    own.write_text(WORDS, encoding="utf-8")
    page = await until("舆情 · 当前 · 属地待定 · 道路交通事故", verdict)
    assert '<mark data-why="类型">栽沟</mark>' in page
    assert "words/words.yaml:4:7" not in await health()
    # A village and its nickname, with a mistake first.
    edit_office(folder, TOWNSHIP, PLACES.replace("kind: village", "kind: hamlet"))
    await until("office.yaml 第 8 行第 ", analyst.page)
    edit_office(folder, "kind: hamlet", "kind: village")
    page = await until("舆情 · 当前 · 本地 · 道路交通事故", verdict)
    assert "属于本辖区；依据词：“老鹰嘴寨子”" in page
    # And everything taken back.
    own.write_text(f"# {WORDS}".replace("\n", "\n# "), encoding="utf-8")
    edit_office(folder, PLACES, TOWNSHIP)
    await until("不是舆情", verdict)


async def test_an_analyst_adds_names_and_words_sees_why_a_verdict_changes_and_takes_it_back(
    tmp_path: Path,
) -> None:
    (tmp_path / "words").mkdir()
    settings = some_settings(tmp_path).model_copy(update={"words": tmp_path / "words"})
    with built(settings) as parts:
        service = Service(parts, ("desk",))
        ready: asyncio.Queue[FastAPI] = asyncio.Queue()
        base = f"http://127.0.0.1:{settings.port}"
        async with asyncio.timeout(90), asyncio.TaskGroup() as group:
            running = group.create_task(serve_until_stopped(service, ready.put_nowait))
            app = await ready.get()
            jar = aiohttp.CookieJar(unsafe=True)
            async with aiohttp.ClientSession(base, cookie_jar=jar) as session:
                await session.post(f"/enter/{app.state.desk.access.open_demo('analyst', None)}")

                async def health() -> str:
                    async with session.get("/health") as answer:
                        return await answer.text()

                await tell_the_story(tmp_path, Analyst(session), health)
            service.stop()
            await running
