import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from monitor.clock import SystemClock
from monitor.collectors.backoff import Fault
from monitor.collectors.fetch import Fetcher
from monitor.collectors.model import Politeness, Poll, PollState, Source, SourceKind, SourceState
from monitor.collectors.poll import poll, receive
from monitor.items.intake import close_poll, take_in
from monitor.items.model import Item
from tests.collectors.documents import TITLE, entry, rss
from tests.support.builders import T0, a_source, after
from tests.support.web import ScriptedSite

LATER = after(minutes=10)
OLD = "Mon, 23 Feb 2026 07:30:00 +0800"


@pytest.fixture
async def site() -> AsyncIterator[ScriptedSite]:
    async with ScriptedSite() as site:
        yield site


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    async with Fetcher(clock=SystemClock()) as fetcher:
        yield fetcher


def _source(site: ScriptedSite, **fields: Any) -> Source:
    manners = Politeness(own=True, allow_private=True, spacing=timedelta(0))
    return a_source(address=site.url + "/feed", politeness=manners, **fields)


async def _poll(
    fetcher: Fetcher, source: Source, state: SourceState, known: frozenset[str] = frozenset(), at: Any = T0
) -> tuple[Poll, tuple[Item, ...], tuple[Item, ...], SourceState]:
    return close_poll(take_in(await poll(source, state, fetcher, at)), known, at)


async def test_the_first_success_makes_history_of_what_is_old_or_undated(
    fetcher: Fetcher, site: ScriptedSite
) -> None:
    site.says(
        "/feed",
        rss(
            entry("新"), entry("旧", date=OLD, link="http://p/2"), entry("无", date=None, link="http://p/3")
        ).encode(),
    )
    row, new, _, state = await _poll(fetcher, _source(site), SourceState(source_id="county-paper"))
    assert (row.state, row.raw, row.created) == (PollState.BASELINE, 3, 3)
    assert {item.title: item.baseline for item in new} == {"新": False, "旧": True, "无": True}
    assert (state.baseline_at, state.last_success_at, state.next_poll_at) == (T0, T0, after(minutes=10))


async def test_a_source_goes_through_its_states(fetcher: Fetcher, site: ScriptedSite) -> None:
    source = _source(site)
    site.says("/feed", rss(entry()).encode())
    row, new, _, state = await _poll(fetcher, source, SourceState(source_id=source.id))
    known = frozenset(item.key for item in new)

    row, *_ = await _poll(fetcher, source, state, known, LATER)
    assert (row.state, row.raw, row.message) == (PollState.NOT_MODIFIED, 0, "内容与上次相同")

    site.says("/feed", rss(entry(), " ").encode())
    row, new, again, state = await _poll(fetcher, source, state, known, LATER)
    assert (row.state, row.duplicate, new, len(again)) == (PollState.ALL_DUPLICATE, 1, (), 1)

    site.says("/feed", rss(entry(), entry("旧闻", date=OLD, link="http://p/2")).encode())
    row, new, again, state = await _poll(fetcher, source, state, known, LATER)
    assert (row.state, row.created, row.duplicate) == (PollState.OK, 1, 1)
    assert not new[0].baseline
    assert state.usual_gap == timedelta(minutes=10)

    site.says("/feed", rss().encode())
    row, *_, state = await _poll(fetcher, source, state, known, LATER)
    assert row.state is PollState.EMPTY

    site.says("/feed", b"<html></html>")
    row, _, _, failed = await _poll(fetcher, source, state, known, LATER)
    assert (row.state, row.fault, failed.failures) == (PollState.FAILED, "soft", Fault.SOFT.weight)
    assert "网页" in row.message
    assert failed.body_hash == state.body_hash

    site.says("/feed", status=503, headers={"Retry-After": "7200"})
    row, _, _, failed = await _poll(fetcher, source, failed, known, LATER)
    assert (row.status, failed.failures) == (503, 0.75)
    assert failed.next_poll_at == LATER + timedelta(hours=2)

    site.says("/feed", rss(entry("恢复", link="http://p/9")).encode())
    row, _, _, state = await _poll(fetcher, source, failed, known, LATER)
    assert (row.state, state.failures) == (PollState.OK, 0.0)


async def test_a_changed_address_or_mapping_makes_a_new_baseline(
    fetcher: Fetcher, site: ScriptedSite
) -> None:
    site.says("/feed", rss(entry()).encode(), headers={"ETag": '"1"'})
    *_, state = await _poll(fetcher, _source(site), SourceState(source_id="county-paper"))
    row, *_ = await _poll(fetcher, _source(site, reading={"a": 1}), state, at=LATER)
    assert row.state is PollState.BASELINE
    assert "If-None-Match" not in site.requests[1].headers


def _three(**fields: Any) -> str:
    entries = ({name: value and value.format(n=n) for name, value in fields.items()} for n in range(3))
    return rss(*(entry(f"第{n}条", **fields) for n, fields in enumerate(entries)))


HOSTILE = [
    pytest.param(rss(entry(), entry(), entry("二", link="http://p/2")), (3, 2, 1, 0), id="one entry twice"),
    pytest.param(_three(guid="g", link="http://p/{n}"), (3, 3, 0, 0), id="one guid for all"),
    pytest.param(_three(guid="g", link="http://p/"), (3, 3, 0, 0), id="one address for all"),
    pytest.param(_three(link=None), (3, 3, 0, 0), id="no guid, no address"),
    pytest.param(rss(entry(), entry("", text="")), (2, 1, 0, 1), id="an entry of nothing"),
    pytest.param(rss(entry("", text="")), (1, 0, 0, 1), id="nothing but nothing"),
    pytest.param(_three(link=None, date="Thu, 01 Jan 1970 00:00:00 GMT"), (3, 3, 0, 0), id="1970"),
    pytest.param(_three(link=None, date="2099-01-01"), (3, 3, 0, 0), id="2099"),
]


@pytest.mark.parametrize(("document", "counts"), HOSTILE)
async def test_the_ledger_adds_up_whatever_the_document(
    fetcher: Fetcher, site: ScriptedSite, document: str, counts: tuple[int, int, int, int]
) -> None:
    site.says("/feed", document.encode())
    row, new, again, _ = await _poll(fetcher, _source(site), SourceState(source_id="county-paper"))
    assert (row.raw, row.created, row.duplicate, row.failed) == counts
    assert (len(new), len({item.key for item in new}), again) == (row.created, row.created, ())
    assert all(item.published_at is None or item.published_at < T0 for item in new)


def test_a_push_of_undated_items_is_news_and_not_history() -> None:
    inbox = a_source(kind=SourceKind.INBOX)
    pushed = receive(
        inbox, SourceState(source_id=inbox.id), f'{{"id": 1, "title": "{TITLE}"}}'.encode(), None, T0
    )
    row, new, _, _ = close_poll(take_in(pushed), frozenset(), T0)
    assert (row.state, [item.baseline for item in new]) == (PollState.BASELINE, [False])


async def test_a_source_that_hangs_delays_no_other(fetcher: Fetcher, site: ScriptedSite) -> None:
    closing = asyncio.Event()

    async def hang(_request: web.Request) -> web.Response:
        await closing.wait()
        return web.Response()

    site.does("/hangs", hang)
    site.says("/feed", rss(entry()).encode())
    hanging = replace(_source(site), address=site.url + "/hangs")
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(poll(hanging, SourceState(source_id="x"), fetcher, T0))
        row, *_ = await _poll(fetcher, _source(site), SourceState(source_id="county-paper"))
        assert (row.state, waiting.done()) == (PollState.BASELINE, False)
        closing.set()
