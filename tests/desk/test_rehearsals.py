"""The pages of rehearsals: played with the desk's own office, and nothing leaves it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Event

import pytest

from monitor.desk.rehearsing import Outline, PlayedStory, RehearsalError, StoryLine
from monitor.drill.rehearsal import StuckError
from monitor.errors import NotFoundError, StoreError
from monitor.office.model import ChannelKind, Office, Substitution
from monitor.pipeline.rostering import substitute
from monitor.ports import Store
from monitor.service.trying import try_channels
from tests.desk.conftest import Answer, Browser, ServedDesk, serve
from tests.desk.story import NOW, XSS, an_office
from tests.support.clock import SimulatedClock
from tests.support.vendors import says, vendor_server

FLOOD = Outline(name="flood", title=f"洪水{XSS}", about="一场大雨。", lasts=timedelta(hours=3))


@dataclass
class Played:
    """Rehearsals that do what a test says before they tell a story of two lines."""

    before: Callable[[], None] = lambda: None
    offices: list[Office] = field(default_factory=list)

    def outlines(self) -> tuple[Outline, ...]:
        return (FLOOD,)

    def play(self, name: str, office: Office, now: datetime) -> PlayedStory:
        if name != FLOOD.name:
            raise NotFoundError("rehearsal", name)
        self.offices.append(office)
        self.before()
        lines = (
            StoryLine(at=now, elapsed=timedelta(0), text=f"收到{XSS}"),
            StoryLine(
                at=now + timedelta(minutes=15), elapsed=timedelta(minutes=15), text="告知 王小满", tone="told"
            ),
        )
        return PlayedStory(
            outline=FLOOD,
            office=office.name,
            starts_at=now,
            ends_at=now + FLOOD.lasts,
            lines=lines,
            closing=("事件 1：洪水",),
        )


@pytest.fixture
def played() -> Played:
    return Played()


@pytest.fixture
async def desk(store: Store, clock: SimulatedClock, played: Played) -> AsyncIterator[ServedDesk]:
    async with serve(store, clock, rehearsing=played) as served:
        yield served


async def play(browser: Browser, name: str = "flood") -> Answer:
    page = await browser.get("/rehearsals")
    csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
    return await browser.post("/rehearsals", data={"csrf": csrf, "name": name})


@pytest.mark.parametrize("role", ["head", "admin"])
async def test_the_head_and_administrators_play_and_see_the_story(role: str, desk: ServedDesk) -> None:
    async with desk.browser(role) as browser:
        story = await play(browser)
        listed = await browser.get("/rehearsals")
    assert (story.status, story.url) == (200, f"{desk.address}/rehearsals/flood")
    assert "开始后 15分钟" in story.text
    assert '<li class="told">告知 王小满</li>' in story.text
    assert "事件 1：洪水" in story.text
    assert XSS not in story.text + listed.text
    assert ("再演一次" in listed.text, "看经过" in listed.text) == (True, True)


@pytest.mark.parametrize("role", ["duty", "leader", "department", "analyst"])
async def test_others_read_what_was_played_and_play_nothing(
    role: str, desk: ServedDesk, played: Played
) -> None:
    async with desk.browser("head") as browser:
        await play(browser)
    async with desk.browser(role) as browser:
        listed = await browser.get("/rehearsals")
        story = await browser.get("/rehearsals/flood")
        refused = await play(browser)
    assert (listed.status, story.status, refused.status, len(played.offices)) == (200, 200, 403, 1)
    assert "<button name=" not in listed.text


async def test_a_form_that_the_desk_did_not_make_plays_nothing(desk: ServedDesk, played: Played) -> None:
    async with desk.browser("head") as browser:
        answer = await browser.post("/rehearsals", data={"csrf": "x", "name": "flood"})
    assert (answer.status, played.offices) == (403, [])


@pytest.mark.parametrize("path", ["/rehearsals/flood", "/rehearsals/nothing"])
async def test_what_was_not_played_has_no_story(path: str, desk: ServedDesk) -> None:
    async with desk.browser("head") as browser:
        assert (await browser.get(path)).status == 404


async def test_an_unknown_rehearsal_is_not_found(desk: ServedDesk) -> None:
    async with desk.browser("head") as browser:
        assert (await play(browser, "nothing")).status == 404


async def test_only_one_is_played_at_a_time(desk: ServedDesk, played: Played) -> None:
    begun, may_end = Event(), Event()

    def wait() -> None:
        begun.set()
        assert may_end.wait(30)

    played.before = wait
    async with desk.browser("head") as first, desk.browser("admin") as second, asyncio.TaskGroup() as group:
        running = group.create_task(play(first))
        await asyncio.to_thread(begun.wait, 30)
        refused = await play(second)
        may_end.set()
    assert (refused.status, "正有人在演练" in refused.text) == (503, True)
    assert (running.result().status, len(played.offices)) == (200, 1)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        pytest.param(RehearsalError("演练用时过长，已停止"), "演练用时过长", id="too long"),
        pytest.param(StoreError("disk full"), "演练没有演完", id="its database"),
        pytest.param(StuckError("no rest"), "演练没有演完", id="no end"),
        pytest.param(OSError("no space left"), "演练没有演完", id="no place for it"),
    ],
)
async def test_a_rehearsal_that_breaks_off_is_said_and_the_next_one_is_played(
    error: Exception, said: str, desk: ServedDesk, played: Played
) -> None:
    def break_off() -> None:
        raise error

    played.before = break_off
    async with desk.browser("head") as browser:
        broken = await play(browser)
        played.before = lambda: None
        whole = await play(browser)
    assert (broken.status, said in broken.text, whole.status) == (503, True, 200)


async def test_the_office_is_played_with_the_rota_of_the_desk(desk: ServedDesk, played: Played) -> None:
    wanted = Substitution(
        person="duty",
        stand_in="leader",
        since=NOW,
        until=NOW + timedelta(days=2),
        recorded_by="office_head",
    )
    substitute(desk.desk.store, an_office(), wanted, now=NOW, via="desk")
    async with desk.browser("head") as browser:
        await play(browser)
    assert [s.stand_in for s in played.offices[0].substitutions] == ["leader"]


async def test_no_real_channel_hears_of_a_rehearsal_and_nothing_is_kept(
    store: Store, clock: SimulatedClock
) -> None:
    """The shipped rehearsal, the office's own channels: a real bot server that takes everything."""
    async with vendor_server(says({"errcode": 0, "errmsg": "ok"})) as bots:
        channels = tuple(
            replace(c, kind=ChannelKind.WECOM, address=bots.address) for c in an_office().channels
        )
        office = replace(
            an_office(), channels=channels, allow_private_channels=True, heartbeat_url=bots.address
        )
        async with serve(store, clock, office=lambda: office) as desk, desk.browser("head") as browser:
            story = await play(browser, "night")
        heard = len(bots.seen)
        outcomes = [outcome.kind.value async for _, outcome in try_channels(office, None)]
        reachable = len(bots.seen)
    assert "告知 王小满（duty-wecom）：发现新事件" in story.text
    assert (heard, outcomes, reachable) == (0, ["ok", "ok"], 2)
    with store.reading() as transaction:
        assert transaction.incidents(limit=10) == ()
        assert transaction.alerts_in_states(("queued", "sent"), limit=10) == ()
        assert {entry.change.event for entry in transaction.journal(limit=10)} <= {
            "account_added",
            "signed_in",
        }
