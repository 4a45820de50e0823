"""One source on the desk: its ledger adds up, and a trial reads it for real and keeps nothing."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp import web

from monitor.collectors.fetch import Fetcher
from monitor.collectors.model import Politeness, PollState, Source, SourceKind, SourceState
from monitor.collectors.poll import Polled, poll
from monitor.desk.views.source_view import read_trial
from monitor.ports import Store
from tests.desk.conftest import Answer, Browser, ServedDesk, serve
from tests.desk.story import NOW, XSS
from tests.support.builders import a_poll, a_source, a_source_state, a_verdict
from tests.support.clock import SimulatedClock
from tests.support.web import ScriptedSite

FEED = f"""<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>t</title>
<item><title>镇区道路塌陷</title><link>https://news.example/1</link><guid>1</guid>
<pubDate>Mon, 02 Mar 2026 03:00:00 GMT</pubDate></item>
<item><title><![CDATA[{XSS}]]></title><link>javascript:alert(3)</link><guid>2</guid></item>
<item><title>停水通知</title><guid>3</guid><pubDate>某日</pubDate></item>
</channel></rss>""".encode()
NEAR = Politeness(own=True, allow_private=True, spacing=timedelta(0))


@asynccontextmanager
async def watching(store: Store, clock: SimulatedClock, *sources: Source) -> AsyncIterator[ServedDesk]:
    """Serve a desk that can try these sources."""

    async def probe(source: Source) -> Polled:
        async with Fetcher(clock=clock) as fetcher:
            return await poll(source, SourceState(source_id=source.id), fetcher, clock.now())

    async with serve(store, clock, sources=lambda: sources, probing=probe) as desk:
        yield desk


@pytest.fixture
async def site() -> AsyncIterator[ScriptedSite]:
    async with ScriptedSite() as scripted:
        yield scripted


async def try_one(browser: Browser, source_id: str = "county-paper") -> Answer:
    csrf = (await browser.get("/account")).text.split('name="csrf" value="')[1].split('"')[0]
    return await browser.post(f"/sources/{source_id}/trial", data={"csrf": csrf})


async def test_a_trial_shows_what_would_be_read_and_keeps_nothing(
    store: Store, clock: SimulatedClock, site: ScriptedSite
) -> None:
    source = a_source(address=site.says("/feed", FEED), politeness=NEAR)
    async with watching(store, clock, source) as desk, desk.browser("duty") as browser:
        page = await try_one(browser)
    assert page.status == 200
    for said in (
        "读到 2 条：2 条还没有收录，0 条已收录；1 条没有标题和正文",
        "其中 1 条写明了时间",
        "镇区道路塌陷",
        "将按首次看到的时间：某日",
    ):
        assert said in page.text, said
    assert XSS not in page.text
    assert 'href="javascript' not in page.text
    with store.reading() as transaction:
        assert transaction.polls(None, 10) == ()
        assert transaction.source_states() == {}


async def test_a_trial_says_what_is_known_already(
    store: Store, clock: SimulatedClock, site: ScriptedSite
) -> None:
    source = a_source(address=site.says("/feed", FEED), politeness=NEAR)
    async with watching(store, clock, source) as desk, desk.browser("admin") as browser:
        await try_one(browser)
        lookout = desk.desk.lookout
        assert lookout is not None
        clock.advance(timedelta(minutes=1))
        [first, *_] = read_trial(await lookout.trials.trial(source))
        with store.transaction() as transaction:
            transaction.add_items([first], [a_verdict()])
        clock.advance(timedelta(minutes=1))
        assert "1 条还没有收录，1 条已收录" in (await try_one(browser)).text


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (404, b"", ("地址不存在（404）", "地址不对", "改 sources.yaml 的 address")),
        (503, b"", ("503", "暂时不通", "过几分钟再试")),
        (200, "<html>请先登录</html>".encode(), ("返回的是登录或验证页面", "读不出条目", "选择器或映射")),
        (200, b"", ("对方返回空内容",)),
    ],
)
async def test_what_goes_wrong_is_told_with_place_cause_and_what_to_do(
    store: Store, clock: SimulatedClock, site: ScriptedSite, status: int, body: bytes, said: tuple[str, ...]
) -> None:
    source = a_source(address=site.says("/feed", body, status=status) + "?key=s3cr3t", politeness=NEAR)
    async with watching(store, clock, source) as desk, desk.browser("duty") as browser:
        page = (await try_one(browser)).text
    for words in (*said, f"{site.url}/feed"):
        assert words in page, words
    assert "s3cr3t" not in page


async def test_a_source_is_not_tried_twice_in_a_row_nor_beside_another(
    store: Store, clock: SimulatedClock, site: ScriptedSite
) -> None:
    arrived, may_answer = asyncio.Event(), asyncio.Event()

    async def slow(_request: web.Request) -> web.Response:
        arrived.set()
        await may_answer.wait()
        return web.Response(body=FEED)

    source = a_source(address=site.does("/feed", slow), politeness=NEAR)
    other = replace(source, id="other")
    async with watching(store, clock, source, other) as desk, desk.browser("duty") as browser:
        running = asyncio.create_task(try_one(browser))
        await arrived.wait()
        beside = await try_one(browser, "other")
        assert (beside.status, "正在试取另一个信源" in beside.text) == (409, True)
        may_answer.set()
        assert (await running).status == 200
        again = await try_one(browser)
        assert (again.status, "刚刚试取过" in again.text) == (409, True)
        clock.advance(timedelta(seconds=30))
        assert (await try_one(browser)).status == 200


async def test_what_is_pushed_cannot_be_fetched_and_has_no_button(
    store: Store, clock: SimulatedClock
) -> None:
    inbox = a_source(id="hotline", name="12345热线", kind=SourceKind.INBOX, address="")
    async with watching(store, clock, inbox) as desk, desk.browser("duty") as browser:
        assert "现在试取" not in (await browser.get("/sources/hotline")).text
        refused = await try_one(browser, "hotline")
        assert (refused.status, "由对方推送" in refused.text) == (409, True)
        assert (await try_one(browser, "nothing")).status == 404


async def test_only_who_may_try_sees_the_button(store: Store, clock: SimulatedClock) -> None:
    async with watching(store, clock, a_source()) as desk:
        for role, may in (("duty", True), ("admin", True), ("leader", False), ("analyst", False)):
            async with desk.browser(role) as browser:
                assert ("现在试取" in (await browser.get("/sources/county-paper")).text) is may, role


async def test_a_thousand_polls_are_listed_and_their_sums_add_up(store: Store, clock: SimulatedClock) -> None:
    with store.transaction() as transaction:
        for number in range(1001):
            began = NOW - timedelta(minutes=number)
            counts = {"raw": 7, "created": 1, "duplicate": 3, "filtered": 2, "failed": 1}
            transaction.save_poll(
                a_poll(started_at=began, ended_at=began, state=PollState.OK, **counts),
                a_source_state(last_poll_at=began),
            )
    async with watching(store, clock, a_source()) as desk, desk.browser("duty") as browser:
        short = (await browser.get("/sources/county-paper")).text
        whole = (await browser.get("/sources/county-paper?count=100000")).text
    assert _sums(short) == [350, 50, 150, 100, 50]
    assert "更多记录" in short
    assert _sums(whole) == [7000, 1000, 3000, 2000, 1000]
    assert whole.count('data-label="结果"') == 1000


def _sums(page: str) -> list[int]:
    return [int(n) for n in re.findall(r'<td class="n"[^>]*>(\d+)</td>', page.split("合计")[1])[:5]]


async def test_a_source_that_was_never_read_says_so(store: Store, clock: SimulatedClock) -> None:
    async with watching(store, clock, a_source()) as desk, desk.browser("duty") as browser:
        assert "还没有采集记录" in (await browser.get("/sources/county-paper")).text
        assert (await browser.get("/sources/nothing")).status == 404
