"""Feeds for calendars and feed readers, read back by parsers that are not those which wrote them."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st

from monitor.deadlines.derive import move
from monitor.deadlines.model import Obligation, ObligationState, StartBasis
from monitor.deadlines.windows import Start
from monitor.desk.pages.feeds import KEPT_FOR, deadlines_calendar, incident_entries, sequence
from monitor.dossier.model import Dossier
from monitor.incidents.model import IncidentState
from tests.desk.conftest import Answer, Browser, ServedDesk
from tests.desk.story import NOW, XSS, an_office
from tests.support.builders import (
    T0,
    a_dossier,
    a_publication,
    after,
    an_incident,
    an_obligation,
)

CALENDAR, ATOM = "/feeds/deadlines.ics", "/feeds/incidents.atom"


def events(text: bytes | str) -> Iterator[Any]:
    """Yield the events of a calendar as another library reads them."""
    calendar = vobject.readOne(text.decode() if isinstance(text, bytes) else text)
    yield from getattr(calendar, "vevent_list", [])


def event_of(obligation: Obligation, **fields: Any) -> Any:
    dossier = a_dossier(an_incident(**fields), obligations=(obligation,))
    [event] = events(deadlines_calendar([dossier], an_office(), "https://desk.example", after(days=3)))
    return event


# -- deadlines

OPEN = an_obligation(id="1:press_conference:1")
BREACHED = replace(OPEN, state=ObligationState.BREACHED, breached_at=after(hours=24, seconds=1))
ENDED: dict[str, Any] = {"ended_at": after(hours=30), "ended_by": "duty"}


@pytest.mark.parametrize(
    ("obligation", "status", "summary", "changed_at"),
    [
        pytest.param(OPEN, "CONFIRMED", "新闻发布会｜", after(minutes=2), id="running"),
        pytest.param(BREACHED, "CONFIRMED", "【逾期】新闻发布会｜", after(hours=24, seconds=1), id="late"),
        pytest.param(
            replace(OPEN, statutory=False, state=ObligationState.BREACHED, breached_at=after(hours=25)),
            "CONFIRMED",
            "建议续报｜",
            after(hours=25),
            id="advice is never late",
        ),
        *(
            pytest.param(
                replace(BREACHED, state=state, **ENDED), "CANCELLED", "新闻发布会｜", after(hours=30)
            )
            for state in (ObligationState.MET, ObligationState.SUPERSEDED, ObligationState.WAIVED)
        ),
    ],
)
def test_a_deadline_is_an_event_at_its_instant_in_utc(
    obligation: Obligation, status: str, summary: str, changed_at: datetime
) -> None:
    event = event_of(obligation)
    assert event.uid.value == "1:press_conference:1@huiying:530000"
    assert event.dtstart.value == after(hours=24)
    assert event.dtstart.serialize().strip() == "DTSTART:20260303T000000Z"
    assert not hasattr(event, "dtend")
    assert event.status.value == status
    assert event.summary.value.startswith(summary)
    assert (event.dtstamp.value, event.last_modified.value) == (changed_at, changed_at)
    assert event.url.value == "https://desk.example/incidents/1"
    assert "国办发〔2016〕61号" in event.description.value


def test_the_calendar_has_a_name_and_the_same_bytes_as_long_as_nothing_changes() -> None:
    made = [
        deadlines_calendar([a_dossier(obligations=(OPEN,))], an_office(), "", after(days=n)) for n in (1, 2)
    ]
    assert made[0] == made[1]
    calendar = vobject.readOne(made[0].decode())
    assert calendar.version.value == "2.0"
    assert [name.value for name in calendar.contents["x-wr-calname"]] == ["云溪县人民政府办公室回应时限"]
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT15M\r\n" in made[0]
    assert not hasattr(calendar, "method")
    assert max(len(line) for line in made[0].split(b"\r\n")) <= 75


def test_a_calendar_without_deadlines_is_one_all_the_same() -> None:
    assert list(events(deadlines_calendar([], an_office(), "", T0))) == []


@pytest.mark.parametrize(("since", "is_there"), [(KEPT_FOR, True), (KEPT_FOR + timedelta(seconds=1), False)])
def test_what_ended_stays_cancelled_for_a_while(since: timedelta, is_there: bool) -> None:
    ended = replace(OPEN, state=ObligationState.MET, ended_at=T0)
    text = deadlines_calendar([a_dossier(obligations=(ended,))], an_office(), "", T0 + since)
    assert [event.status.value for event in events(text)] == ["CANCELLED"] * is_there


LIFE = (
    OPEN,
    moved := move(OPEN, Start(at=after(hours=-2), basis=StartBasis.OCCURRED)),
    breached := replace(moved, state=ObligationState.BREACHED, breached_at=after(hours=22)),
    met := replace(breached, state=ObligationState.MET, **ENDED),
    again := replace(met, version=met.version + 1, state=ObligationState.BREACHED, ended_at=None),
    replace(again, state=ObligationState.SUPERSEDED, **ENDED),
)
"""Opened, moved earlier, breached, met, its evidence withdrawn, superseded."""


def test_the_sequence_rises_with_every_revision_and_the_uid_stays() -> None:
    told = [event_of(obligation) for obligation in LIFE]
    numbers = [int(event.sequence.value) for event in told]
    assert numbers == sorted(set(numbers))
    assert {event.uid.value for event in told} == {"1:press_conference:1@huiying:530000"}


@given(
    st.integers(1, 99), st.integers(1, 99), st.sampled_from(ObligationState), st.sampled_from(ObligationState)
)
def test_a_higher_version_has_the_higher_sequence_whatever_became_of_it(
    one: int, other: int, state: ObligationState, last: ObligationState
) -> None:
    first, second = (replace(OPEN, version=v, state=s) for v, s in ((one, state), (one + other, last)))
    assert sequence(first) < sequence(second)


@pytest.mark.parametrize(
    "title",
    [
        XSS,
        "换行\r\nEND:VEVENT\r\nBEGIN:VALARM",
        "逗号,分号;反斜\\杠",
        "网友“李某”13812345678",
        "长" * 300,
        "\ufffe\x0b",
    ],
)
def test_a_hostile_title_stays_a_title(title: str) -> None:
    event = event_of(OPEN, title=title)
    assert set(event.contents) == {
        "uid", "sequence", "dtstamp", "last-modified", "dtstart", "summary", "description", "status",
        "transp", "url",
    }  # fmt: skip
    assert "\n" not in event.summary.value
    for forbidden in ("<script", "13812345678", "李某", "VALARM\n"):
        assert forbidden not in event.summary.value


# -- incidents


async def test_incidents_are_an_atom_feed_the_last_changed_first(served: ServedDesk) -> None:
    async with served.program("duty", "feeds") as reader:
        answer = await reader.get(ATOM)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    feed = feedparser.parse(BytesIO(answer.text.encode()))
    assert (feed.bozo, feed.version, feed.feed.title) == (False, "atom10", "云溪县人民政府办公室舆情事件")
    updates = [entry.updated_parsed for entry in feed.entries]
    assert updates == sorted(updates, reverse=True)
    assert feed.feed.updated_parsed == updates[0]
    assert len({entry.id for entry in feed.entries}) == len(feed.entries)
    assert all(entry.id.startswith("urn:uuid:") for entry in feed.entries)
    first = next(entry for entry in feed.entries if entry.link.endswith("/incidents/1"))
    assert first.link == f"{served.address}/incidents/1"
    assert [tag.term for tag in first.tags] == ["重大"]
    assert "首次权威信息：2026年3月2日（周一）13:00:00 到点，计时中" in first.summary


async def test_no_posters_words_act_in_a_feed_reader_and_no_poster_is_named(served: ServedDesk) -> None:
    async with served.program("duty", "feeds") as reader:
        text = (await reader.get(ATOM)).text
    atom = "{http://www.w3.org/2005/Atom}"
    root = ElementTree.fromstring(text)  # noqa: S314 - our own text, and the question is whether it is well-formed
    titles = [title.text or "" for title in root.iter(f"{atom}title")]
    assert any("script" in title for title in titles)
    assert not any(char in title for title in titles for char in "<>")
    assert "论坛" not in text
    assert {element.tag.removeprefix(atom) for element in root.iter()} == {
        "feed", "id", "title", "updated", "author", "name", "link", "entry", "published", "category",
        "summary",
    }  # fmt: skip


async def test_a_feed_of_nothing_is_valid(quiet: ServedDesk) -> None:
    async with quiet.program("duty", "feeds") as reader:
        feed = feedparser.parse(BytesIO((await reader.get(ATOM)).text.encode()))
        calendar = (await reader.get(CALENDAR)).text
    assert (feed.bozo, feed.entries) == (False, [])
    assert feed.feed.updated_parsed[:5] == NOW.astimezone(UTC).timetuple()[:5]
    assert list(events(calendar)) == []


@pytest.mark.parametrize(
    ("parts", "changed_at"),
    [
        pytest.param({}, after(minutes=2), id="only detected"),
        pytest.param({"obligations": (BREACHED,)}, after(hours=24, seconds=1), id="breached"),
        pytest.param({"publications": (a_publication(),)}, after(hours=2), id="answered"),
    ],
)
def test_an_entry_says_when_it_last_changed(parts: dict[str, Any], changed_at: datetime) -> None:
    [entry] = incident_entries([a_dossier(**parts)], an_office())
    assert entry.updated_at == changed_at


def test_an_entry_keeps_its_id_whatever_changes() -> None:
    def id_of(dossier: Dossier) -> str:
        [entry] = incident_entries([dossier], an_office())
        return entry.id

    other = a_dossier(an_incident(title="别的标题", state=IncidentState.CLOSED, ended_at=after(days=2)))
    assert id_of(a_dossier()) == id_of(other) != id_of(a_dossier(an_incident(id=2)))


# -- who may read them


async def read_with(served: ServedDesk, path: str, token: str) -> Answer:
    async with served.browser() as stranger:
        return await stranger.get(path, params={"token": token})


@pytest.mark.parametrize("path", [CALENDAR, ATOM])
async def test_a_feed_opens_by_the_token_in_its_address_until_it_is_revoked(
    served: ServedDesk, path: str
) -> None:
    access = served.access
    await asyncio.to_thread(access.open_demo, "leader", "leader")
    token = await asyncio.to_thread(access.issue_token, "demo-leader", ("feeds",), timedelta(days=30))
    assert (await read_with(served, path, token)).status == 200
    [held] = await asyncio.to_thread(access.tokens)
    await asyncio.to_thread(access.revoke_token, access.token_id(held))
    refused = await read_with(served, path, token)
    assert refused.status == 401
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert token not in refused.text


@pytest.mark.parametrize("path", [CALENDAR, ATOM])
async def test_a_feed_is_closed_to_strangers_to_other_scopes_and_after_its_time(
    served: ServedDesk, path: str
) -> None:
    access = served.access
    await asyncio.to_thread(access.open_demo, "duty", "duty")
    other = await asyncio.to_thread(access.issue_token, "demo-duty", ("read", "act"), timedelta(days=1))
    mine = await asyncio.to_thread(access.issue_token, "demo-duty", ("feeds",), timedelta(days=1))
    async with served.browser() as stranger:
        assert (await stranger.get(path)).status == 401
    assert (await read_with(served, path, "x" * 43)).status == 401
    assert (await read_with(served, path, other)).status == 403
    served.clock.advance(timedelta(days=1))
    assert (await read_with(served, path, mine)).status == 401


async def test_a_token_for_feeds_opens_nothing_else(served: ServedDesk) -> None:
    async with served.program("admin", "feeds") as reader:
        statuses = [(await reader.get(p)).status for p in ("/api/v1/incidents", "/metrics")]
    assert statuses == [403, 403]


async def test_a_department_finds_only_its_own_in_a_feed(served: ServedDesk) -> None:
    async with served.program("department", "feeds") as reader:
        calendar, feed = (await reader.get(CALENDAR)).text, (await reader.get(ATOM)).text
    assert {event.url.value.rpartition("/")[2] for event in events(calendar)} == {"2"}
    assert [entry.link.rpartition("/")[2] for entry in feedparser.parse(BytesIO(feed.encode())).entries] == [
        "2"
    ]


async def test_a_browser_that_is_signed_in_reads_the_calendar_too(served: ServedDesk) -> None:
    async with served.browser("leader") as browser:
        answer = await browser.get(CALENDAR)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert {"1:first_release:1@huiying:530000"} <= {event.uid.value for event in events(answer.text)}


# -- one's own addresses


async def press(browser: Browser, **fields: str) -> Answer:
    csrf = (await browser.get("/subscribe")).text.split('name="csrf" value="')[1].split('"')[0]
    return await browser.post("/subscribe", data={"csrf": csrf, **fields})


async def test_everybody_makes_and_ends_feed_addresses_of_their_own(served: ServedDesk) -> None:
    async with served.browser("department") as browser:
        made = (await press(browser)).text
        token = made.split("/feeds/deadlines.ics?token=")[1].split("<")[0]
        assert f"{served.address}/feeds/incidents.atom?token={token}" in made
        assert (await read_with(served, CALENDAR, token)).status == 200
        again = (await browser.get("/subscribe")).text
        assert token not in again
        ended = (await press(browser, revoke=again.split('name="revoke" value="')[1].split('"')[0])).text
        assert 'name="revoke"' not in ended
    assert (await read_with(served, CALENDAR, token)).status == 401


async def test_nobody_ends_the_address_of_somebody_else_or_by_a_foreign_form(served: ServedDesk) -> None:
    access = served.access
    await asyncio.to_thread(access.open_demo, "leader", "leader")
    token = await asyncio.to_thread(access.issue_token, "demo-leader", ("feeds",), timedelta(days=1))
    [held] = await asyncio.to_thread(access.tokens)
    async with served.browser("duty") as browser:
        assert access.token_id(held) not in (await press(browser, revoke=access.token_id(held))).text
        assert (await browser.post("/subscribe", data={"csrf": "x"})).status == 403
    async with served.browser() as stranger:
        assert "login" in (await stranger.get("/subscribe")).url
    assert (await read_with(served, CALENDAR, token)).status == 200
