"""One polite GET against a real server that misbehaves."""

import asyncio
import gzip
import ipaddress
import zlib
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import repeat
from typing import Any

import pytest
from aiohttp import web

from monitor.clock import SystemClock
from monitor.collectors.backoff import Fault
from monitor.collectors.fetch import Fetched, Fetcher
from monitor.collectors.model import Politeness, Source, SourceState
from tests.collectors.documents import entry, rss
from tests.support.builders import T0, a_source, a_source_state
from tests.support.clock import SimulatedClock
from tests.support.web import ScriptedSite

FEED = rss(entry()).encode()
ONLY_SITE = frozenset({ipaddress.ip_address("127.0.0.1")}).__contains__


@pytest.fixture
async def site() -> AsyncIterator[ScriptedSite]:
    async with ScriptedSite() as site:
        yield site


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    """Takes 127.0.0.1 for the open internet, and every other address for what it is."""
    async with Fetcher(clock=SystemClock(), may_connect=ONLY_SITE) as fetcher:
        yield fetcher


def _source(address: str, **politeness: Any) -> Source:
    gentle: dict[str, Any] = {"spacing": timedelta(0), "own": True, "timeout": timedelta(seconds=10)}
    return a_source(address=address, politeness=Politeness(**gentle | politeness))


async def _get(fetcher: Fetcher, address: str, **politeness: Any) -> Fetched:
    return await fetcher.fetch(_source(address, **politeness), SourceState(source_id="x"))


async def test_a_document_comes_with_what_the_next_poll_needs(fetcher: Fetcher, site: ScriptedSite) -> None:
    headers = {"ETag": '"7"', "Last-Modified": "Mon, 02 Mar 2026 00:00:00 GMT", "Content-Type": "text/xml"}
    fetched = await _get(fetcher, site.says("/feed", FEED, headers=headers))
    assert fetched == Fetched(
        status=200,
        body=FEED,
        content_type="text/xml",
        etag='"7"',
        last_modified=headers["Last-Modified"],
        bytes_read=len(FEED),
        final_url=site.url + "/feed",
    )
    assert site.requests[0].headers["User-Agent"].startswith("Huiying/")
    assert "Cookie" not in site.requests[0].headers


async def test_an_unchanged_document_is_not_sent_again(fetcher: Fetcher, site: ScriptedSite) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=304 if request.headers.get("If-None-Match") == '"7"' else 200)

    state = a_source_state(etag='"7"', last_modified="Mon, 02 Mar 2026 00:00:00 GMT")
    fetched = await fetcher.fetch(_source(site.does("/feed", answer)), state)
    assert (fetched.body, fetched.fault, fetched.etag) == (None, None, '"7"')
    assert site.requests[0].headers["If-Modified-Since"] == state.last_modified


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        pytest.param(gzip.compress(FEED), "gzip", id="gzip"),
        pytest.param(zlib.compress(FEED), "deflate", id="zlib"),
        pytest.param(zlib.compress(FEED, wbits=-15), "deflate", id="bare deflate"),
        pytest.param(gzip.compress(FEED) + b"\0\0", "x-gzip", id="gzip with padding"),
        pytest.param(FEED, "gzip", id="plain that says gzip"),
        pytest.param(gzip.compress(FEED), None, id="gzip that does not say so"),
    ],
)  # fmt: skip
async def test_packed_documents_are_unpacked(
    fetcher: Fetcher, site: ScriptedSite, body: bytes, encoding: str | None
) -> None:
    headers = {"Content-Encoding": encoding} if encoding else {}
    fetched = await _get(fetcher, site.says("/feed", body, headers=headers))
    assert fetched.body == FEED


GZIP = {"Content-Encoding": "gzip"}
BOMB = gzip.compress(b"\0" * 50_000_000)


def _to(address: str) -> dict[str, str]:
    return {"Location": address}


@pytest.mark.parametrize(
    ("status", "headers", "body", "fault"),
    [
        pytest.param(404, {}, b"", Fault.HARD, id="gone"),
        pytest.param(403, {}, b"", Fault.HARD, id="refused"),
        pytest.param(418, {}, b"", Fault.SOFT, id="odd"),
        pytest.param(304, {}, b"", Fault.SOFT, id="not modified, though never asked"),
        pytest.param(500, {}, b"", Fault.TEMPORARY, id="broken"),
        pytest.param(200, {}, b"x" * 100_001, Fault.HARD, id="too large"),
        pytest.param(200, GZIP, BOMB, Fault.HARD, id="a gzip bomb"),
        pytest.param(200, GZIP, BOMB[:20] + b"zzzz" * 9, Fault.TEMPORARY, id="broken gzip"),
        pytest.param(200, {"Content-Encoding": "br"}, b"x", Fault.SOFT, id="a packing nobody agreed on"),
        pytest.param(302, _to("ftp://a.example/"), b"", Fault.HARD, id="redirect to ftp"),
        pytest.param(302, _to("file:///etc/passwd"), b"", Fault.HARD, id="redirect to a file"),
        pytest.param(302, _to("http://10.0.0.1/"), b"", Fault.HARD, id="redirect to a private address"),
        pytest.param(302, _to("http://169.254.169.254/"), b"", Fault.HARD, id="redirect to metadata"),
        pytest.param(302, _to("http://[::ffff:10.0.0.1]/"), b"", Fault.HARD, id="a wrapped address"),
        pytest.param(302, _to("http://2130706434/"), b"", Fault.HARD, id="an address as one number"),
        pytest.param(302, _to("http://[bad"), b"", Fault.HARD, id="redirect to nonsense"),
        pytest.param(302, _to("/feed"), b"", Fault.HARD, id="a redirect loop"),
    ],
)  # fmt: skip
async def test_what_goes_wrong_is_a_fault_with_a_message(
    fetcher: Fetcher, site: ScriptedSite, status: int, headers: dict[str, str], body: bytes, fault: Fault
) -> None:
    fetched = await _get(fetcher, site.says("/feed", body, status=status, headers=headers), max_bytes=100_000)
    assert (fetched.fault, fetched.body) == (fault, None)
    assert fetched.message


async def test_a_redirect_is_followed_to_its_end(fetcher: Fetcher, site: ScriptedSite) -> None:
    site.says("/new", FEED)
    fetched = await _get(fetcher, site.says("/old", status=301, headers={"Location": "/new"}))
    assert (fetched.body, fetched.final_url) == (FEED, site.url + "/new")


@pytest.mark.parametrize(
    "address", ["http://localhost:1/", "http://127.0.0.1:1/", "http://[::1]:1/", "http://0.0.0.0:1/"]
)
async def test_a_private_address_is_refused_whatever_it_is_called(address: str) -> None:
    async with Fetcher(clock=SystemClock()) as fetcher:
        fetched = await _get(fetcher, address)
    assert (fetched.fault, fetched.message[:8]) == (Fault.HARD, "拒绝访问内网地址")


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("http://127.0.0.2:1/", "拒绝访问内网地址"),
        ("http://localtest.example@[::1]:1/", "拒绝访问内网地址"),
        ("//169.254.169.254/latest/meta-data/", "拒绝访问内网地址"),
        ("file:///etc/passwd", "只允许http和https地址"),
        ("gopher://127.0.0.1/", "只允许http和https地址"),
    ],
)
async def test_a_redirect_leads_to_no_private_address_and_to_no_file(
    fetcher: Fetcher, site: ScriptedSite, to: str, words: str
) -> None:
    fetched = await _get(fetcher, site.says("/feed", status=302, headers={"Location": to}))
    assert (fetched.fault, fetched.body, fetched.message[: len(words)]) == (Fault.HARD, None, words)


async def test_a_source_may_allow_private_addresses(site: ScriptedSite) -> None:
    async with Fetcher(clock=SystemClock()) as fetcher:
        fetched = await _get(fetcher, site.says("/feed", FEED), allow_private=True)
    assert fetched.body == FEED


@pytest.mark.parametrize(
    "address", ["", "县报", "ftp://a.example/", "http:///nothing", "http://a b/", "http://[::1"]
)
async def test_an_address_that_is_none_is_a_fault(fetcher: Fetcher, address: str) -> None:
    assert (await _get(fetcher, address)).fault is Fault.HARD


async def test_a_stream_without_end_is_cut_at_the_limit(fetcher: Fetcher, site: ScriptedSite) -> None:
    sent = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        for chunk in repeat(b"x" * 65_536, 16_384):
            await response.write(chunk)
            sent += len(chunk)
        return response

    fetched = await _get(fetcher, site.does("/feed", endless), max_bytes=1_000_000)
    assert fetched.fault is Fault.HARD
    assert sent < 50_000_000


async def test_a_dripping_source_is_cut_by_the_time_limit(fetcher: Fetcher, site: ScriptedSite) -> None:
    closing = asyncio.Event()

    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"<rss>")
        await closing.wait()
        return response

    fetched = await _get(fetcher, site.does("/feed", drip), timeout=timedelta(milliseconds=200))
    closing.set()
    assert (fetched.fault, fetched.body) == (Fault.TEMPORARY, None)


async def test_a_connection_cut_short_is_temporary(fetcher: Fetcher, site: ScriptedSite) -> None:
    async def cut(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"<rss>")
        assert request.transport is not None
        request.transport.abort()
        return response

    assert (await _get(fetcher, site.does("/feed", cut))).fault is Fault.TEMPORARY


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", timedelta(minutes=2)),
        ("Mon, 02 Mar 2026 01:00:00 GMT", timedelta(hours=1)),
        ("Sun, 01 Mar 2026 00:00:00 GMT", timedelta(0)),
        ("gestern", None),
        ("99999999999999999999", timedelta(seconds=10**7)),
    ],
)
async def test_retry_after_is_read_as_seconds_or_a_date(
    site: ScriptedSite, value: str, wait: timedelta | None
) -> None:
    async with Fetcher(clock=SimulatedClock(T0), may_connect=ONLY_SITE) as fetcher:
        fetched = await _get(fetcher, site.says("/feed", status=429, headers={"Retry-After": value}))
    assert (fetched.fault, fetched.retry_after) == (Fault.TEMPORARY, wait)


async def test_robots_txt_is_asked_once_a_day_and_obeyed(site: ScriptedSite) -> None:
    clock = SimulatedClock(T0)
    site.says("/robots.txt", b"User-agent: *\nDisallow: /private")
    allowed, refused = site.says("/feed", FEED), site.says("/private/feed", FEED)
    async with Fetcher(clock=clock, may_connect=ONLY_SITE) as fetcher:
        for _ in range(2):
            assert (await _get(fetcher, allowed, own=False)).body == FEED
        fetched = await _get(fetcher, refused, own=False)
        assert (fetched.fault, "robots.txt" in fetched.message) == (Fault.HARD, True)
        assert (await _get(fetcher, refused, own=True)).body == FEED
        assert site.paths().count("/robots.txt") == 1
        clock.advance(timedelta(days=1))
        await _get(fetcher, allowed, own=False)
    assert site.paths().count("/robots.txt") == 2


@pytest.mark.parametrize(
    ("status", "body", "is_allowed"),
    [(404, b"", True), (403, b"", True), (503, b"", False), (301, b"", True), (200, b"<html>\xff", True),
     (200, b"#" * 600_000, True)],
)  # fmt: skip
async def test_a_robots_txt_that_is_none(
    fetcher: Fetcher, site: ScriptedSite, status: int, body: bytes, is_allowed: bool
) -> None:
    site.says(
        "/robots.txt", body, status=status, headers={"Location": "/robots.txt"} if status == 301 else {}
    )
    fetched = await _get(fetcher, site.says("/feed", FEED), own=False)
    assert (fetched.body == FEED) is is_allowed


async def test_a_server_is_asked_with_pauses_and_two_at_a_time(site: ScriptedSite) -> None:
    clock = SimulatedClock(T0)
    address = site.says("/feed", FEED)
    async with Fetcher(clock=clock, may_connect=ONLY_SITE) as fetcher, asyncio.TaskGroup() as group:
        polls = [group.create_task(_get(fetcher, address, spacing=timedelta(seconds=2))) for _ in range(3)]
        assert (await polls[0]).body == FEED
        assert site.paths() == ["/feed"]
        clock.advance(timedelta(seconds=2))
        assert (await polls[1]).body == FEED
        assert site.paths() == ["/feed", "/feed"]
        clock.advance(timedelta(seconds=2))
        assert (await polls[2]).body == FEED


async def test_a_queue_that_is_too_long_is_not_waited_for(site: ScriptedSite) -> None:
    address = site.says("/feed", FEED)
    async with Fetcher(clock=SimulatedClock(T0), may_connect=ONLY_SITE) as fetcher:
        assert (await _get(fetcher, address, spacing=timedelta(minutes=3))).body == FEED
        assert (await _get(fetcher, address)).fault is Fault.TEMPORARY
