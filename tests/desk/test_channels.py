"""The page of the channels: administrators alone see it, and a test message is sent only when asked for."""

from collections.abc import AsyncIterator

import pytest

from alerts.message.own_templates import sample
from alerts.model import Outcome, OutcomeClass
from monitor.desk import words
from monitor.desk.context import Reaching
from monitor.office.model import ChannelKind
from monitor.ports import Store
from tests.desk.conftest import Browser, ServedDesk, serve
from tests.support.clock import SimulatedClock

REFUSED = Outcome(kind=OutcomeClass.AUTH, code="93000", detail="机器人地址无效")
TAKEN = Outcome(kind=OutcomeClass.OK, code="0")


@pytest.fixture
def tried() -> list[str]:
    return []


@pytest.fixture
async def desk(store: Store, clock: SimulatedClock, tried: list[str]) -> AsyncIterator[ServedDesk]:
    """A desk whose channels take everything but what goes to the group."""

    async def try_channel(name: str) -> Outcome:
        tried.append(name)
        return REFUSED if name == "group-wecom" else TAKEN

    reaching = Reaching(try_channel=try_channel, preview=lambda: sample({}))
    async with serve(store, clock, reaching=reaching) as served:
        yield served


async def try_one(browser: Browser, name: str) -> tuple[int, str]:
    page = await browser.get("/channels")
    csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
    answer = await browser.post("/channels", data={"csrf": csrf, "name": name})
    return answer.status, answer.text


async def test_the_page_shows_every_channel_its_readers_and_a_sample_but_no_address(desk: ServedDesk) -> None:
    async with desk.browser("admin") as browser:
        page = await browser.get("/channels")
    assert page.status == 200
    for channel in desk.desk.office().channels:
        assert f">{channel.name}</th>" in page.text
        assert not channel.address or channel.address not in page.text
    assert "【重大·已超时】柯街镇｜客车坠崖，多人遇难" in page.text


@pytest.mark.parametrize(
    ("name", "said"),
    [("duty-wecom", "duty-wecom：对方已接收"), ("group-wecom", "group-wecom：机器人地址无效（93000）")],
)
async def test_a_channel_is_tried_when_asked_for_and_the_answer_shown(
    name: str, said: str, desk: ServedDesk, tried: list[str]
) -> None:
    async with desk.browser("admin") as browser:
        before = list(tried)
        status, text = await try_one(browser, name)
    assert (status, before, tried) == (200, [], [name])
    assert said in text


async def test_a_channel_that_is_none_is_not_tried(desk: ServedDesk, tried: list[str]) -> None:
    async with desk.browser("admin") as browser:
        status, _ = await try_one(browser, "pager")
    assert (status, tried) == (404, [])


@pytest.mark.parametrize("role", ["duty", "head", "leader", "analyst"])
async def test_nobody_else_sees_or_tries_channels(role: str, desk: ServedDesk, tried: list[str]) -> None:
    async with desk.browser(role) as browser:
        shown = await browser.get("/channels")
        asked = await browser.post("/channels", data={"csrf": "x", "name": "duty-wecom"})
    assert (shown.status, asked.status, tried) == (403, 403, [])


async def test_a_form_of_another_site_tries_nothing(desk: ServedDesk, tried: list[str]) -> None:
    async with desk.browser("admin") as browser:
        answer = await browser.post("/channels", data={"csrf": "x", "name": "duty-wecom"})
    assert (answer.status, tried) == (403, [])


@pytest.mark.parametrize("kind", ChannelKind)
def test_every_kind_of_channel_has_a_word(kind: ChannelKind) -> None:
    assert words.word("channel_kind", kind.value) != kind.value or kind is ChannelKind.APPRISE
