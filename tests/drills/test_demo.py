"""The demo's story and its loopback sources."""

import json
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from monitor.classifiers.judge import Judge
from monitor.classifiers.model import Severity
from monitor.classifiers.registry import load_lexicon, load_table
from monitor.collectors.model import Role, Source, SourceKind
from monitor.collectors.readers.document import read_document
from monitor.drill.demo.server import demo_sources, serve_demo
from monitor.drill.demo.story import read_story
from monitor.drill.showing import demo_office
from monitor.office.example import example_territory
from monitor.office.model import ChannelKind
from tests.support.builders import an_item
from tests.support.clock import SimulatedClock
from tests.support.dictionary import dictionary_folder

START = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
STORY = read_story()


def shown(source_id: str, after: timedelta) -> list[str]:
    return [post.id for post in STORY.standing(source_id, START, START + after)]


def test_every_post_belongs_to_a_source_and_is_clearly_marked_as_a_demo() -> None:
    names = {source.id: source.name for source in STORY.sources}
    assert all("演示" in names[post.source] for post in STORY.posts)
    # A hot list's own titles are never marked: the name of the list says it.
    boards = {source.id for source in STORY.sources if source.kind is SourceKind.HOTLIST}
    assert [
        post.id for post in STORY.posts if post.source not in boards and "【演示】" not in post.title
    ] == []
    assert len({post.id for post in STORY.posts}) == len(STORY.posts)


def test_every_moment_a_text_names_is_spelled_out_in_local_time() -> None:
    end = START + timedelta(days=2)
    posts = {post.id: post for source in STORY.sources for post in STORY.standing(source.id, START, end)}
    assert posts["f-slide"].text.startswith("3月2日7时20分左右")
    assert "截至3月2日8时48分" in posts["c-first"].text
    assert [post.id for post in posts.values() if "{" in post.text] == []


def test_the_serious_bulletin_is_shown_within_15_seconds_of_the_start() -> None:
    after = timedelta(seconds=15) * STORY.pace
    assert "c-first" in shown("demo-county", after)
    assert "f-slide" in shown("demo-forum", timedelta(0))
    assert "h-slide" in shown("demo-hotlist", after)


def test_the_demo_writes_a_flash_and_a_digest_by_itself_and_no_message_leaves_the_machine() -> None:
    office = demo_office()
    known = {person.id for person in office.people}
    assert office.digest_at is not None
    assert set(office.papers.flash_to) == {"leader", "office_head"} <= known
    assert {channel.kind for channel in office.channels} == {ChannelKind.CONSOLE}


@pytest.mark.parametrize(
    ("post", "after"),
    [
        pytest.param("c-first", timedelta(minutes=48), id="the first bulletin"),
        pytest.param("c-second", timedelta(hours=4, minutes=50), id="the answer, after the missed reminder"),
        pytest.param("c-conference", timedelta(hours=21), id="the press conference"),
    ],
)
def test_a_post_is_shown_from_its_instant_on_and_not_before(post: str, after: timedelta) -> None:
    assert post not in shown("demo-county", after - timedelta(seconds=1))
    assert shown("demo-county", after)[0] == post


def test_the_first_release_is_missed_before_the_answer_and_the_conference_is_held_in_time() -> None:
    happened = STORY.moments["happened"]
    assert happened + timedelta(hours=5) < STORY.moments["second_bulletin"]
    assert STORY.moments["conference"] < happened + timedelta(hours=24)


def test_every_kind_of_source_that_is_polled_and_an_official_and_a_hotline_source_play_a_part() -> None:
    sources = demo_sources("http://127.0.0.1:1")
    assert {source.kind for source in sources} == {SourceKind.FEED, SourceKind.HOTLIST, SourceKind.PAGE}
    assert {source.role for source in sources} == {Role.SOCIAL, Role.OFFICIAL, Role.HOTLINE}
    assert all(source.politeness.allow_private for source in sources)


@pytest.mark.parametrize(
    ("post_id", "severity", "window_hours"),
    [
        pytest.param("f-slide", Severity.RELATIVELY_SERIOUS, 48, id="three dead, it is said"),
        pytest.param("c-first", Severity.SERIOUS, 24, id="eleven dead, the county says"),
        pytest.param("h-slide", None, 48, id="the hot list tells of it without figures"),
        pytest.param("h-toll", Severity.SERIOUS, 24, id="the hot list repeats it"),
        pytest.param("f-ambulance", None, 48, id="relatives at the site ask for news"),
        pytest.param("c-second", Severity.SERIOUS, 24, id="thirteen dead, the county says"),
        pytest.param("c-conference", Severity.SERIOUS, 24, id="the press conference, which is no commerce"),
        pytest.param("l-water", None, 48, id="a complaint of many"),
        pytest.param("c-exercise", None, None, id="a drill"),
        pytest.param("f-exercise", None, None, id="talk of the drill"),
        pytest.param("c-tobacco", None, None, id="a meeting about tobacco"),
        pytest.param("f-cat", None, None, id="an ordinary post"),
        pytest.param("f-flowers", None, None, id="a question about flowers"),
        pytest.param("h-match", None, None, id="a match"),
        pytest.param("h-show", None, None, id="a series"),
        pytest.param("h-tea", None, None, id="tea"),
    ],
)
def test_the_judge_understands_the_story(
    judge: Judge, post_id: str, severity: Severity | None, window_hours: int | None
) -> None:
    end = START + timedelta(days=1)
    source, post = next(
        (source, post)
        for source in demo_sources("http://127.0.0.1:1")
        for post in STORY.standing(source.id, START, end)
        if post.id == post_id
    )
    item = an_item(
        title=post.title,
        text=post.text,
        published_at=post.at,
        source_name=source.name,
        role=source.role,
        scope=source.scope,
    )
    verdict = judge.judge_item(item, end)
    assert (verdict.severity, verdict.window_hours) == (severity, window_hours)
    assert not verdict.matter or verdict.local


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge(load_lexicon(), load_table(), example_territory(), cache_dir=dictionary_folder())


async def body_of(source: Source) -> tuple[str, str]:
    async with aiohttp.ClientSession() as session, session.get(source.address) as answer:
        assert answer.status == 200
        return answer.content_type, await answer.text()


async def test_the_sources_show_what_stands_at_the_present_instant_of_the_demo() -> None:
    clock = SimulatedClock(START)
    async with serve_demo(clock) as base_url:
        forum, board, county, hotline = demo_sources(base_url)
        assert "老鹰岩" in (await body_of(forum))[1]
        assert "山体滑坡" not in (await body_of(county))[1]
        clock.advance(timedelta(hours=2))

        content_type, feed = await body_of(forum)
        assert content_type == "application/rss+xml"
        assert "<pubDate>Sun, 01 Mar 2026 23:56:00 GMT</pubDate>" in feed

        content_type, answer = await body_of(board)
        lines = json.loads(answer)["items"]
        assert content_type == "application/json"
        assert lines[0]["title"] == "云南昌宁山体滑坡已致11人遇难"
        assert lines[0]["extra"]["info"] == "546万热度"

        content_type, page = await body_of(county)
        assert content_type == "text/html"
        assert "<time>2026-03-02 08:48</time>" in page
        assert "停水" in (await body_of(hotline))[1]


async def test_our_own_readers_read_every_source_of_the_demo_without_a_problem() -> None:
    clock = SimulatedClock(START)
    async with serve_demo(clock) as base_url, aiohttp.ClientSession() as session:
        await body_of(demo_sources(base_url)[0])
        clock.advance(timedelta(days=1))
        for source in demo_sources(base_url):
            async with session.get(source.address) as answer:
                reading = read_document(await answer.read(), answer.headers["Content-Type"], source)
            standing = STORY.standing(source.id, START, clock.now())
            assert reading.problems == ()
            assert {item.title for item in reading.items} == {post.title for post in standing}
            assert {item.text for item in reading.items} == {post.text for post in standing}
            assert all((item.url or "").startswith(f"{base_url}/posts/") for item in reading.items)
            is_board = source.kind is SourceKind.HOTLIST
            assert all(is_board or item.published_raw for item in reading.items)
            assert all(not is_board or item.heat for item in reading.items)


async def test_the_story_begins_when_somebody_first_asks_however_long_the_service_took_to_start() -> None:
    clock = SimulatedClock(START)
    async with serve_demo(clock) as base_url:
        clock.advance(timedelta(hours=3))
        county = demo_sources(base_url)[2]
        assert "山体滑坡" not in (await body_of(county))[1]
        clock.advance(timedelta(minutes=48))
        assert "山体滑坡" in (await body_of(county))[1]


async def test_the_link_of_a_post_opens_once_the_post_is_shown_and_anything_unknown_is_not_found() -> None:
    clock = SimulatedClock(START)
    async with serve_demo(clock) as base_url, aiohttp.ClientSession(base_url) as session:
        expected = {
            "/posts/f-slide": 200,
            "/posts/c-first": 404,
            "/feeds/demo-county": 404,
            "/api/s?id=x": 404,
        }
        for path, status in expected.items():
            async with session.get(path) as answer:
                assert (path, answer.status) == (path, status)
