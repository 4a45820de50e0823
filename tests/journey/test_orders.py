"""An assignment becomes a slip that a department signs by the link in its mail, extends and answers."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from argon2 import PasswordHasher

from monitor.desk.app import build_desk, desk_server
from monitor.desk.context import DeskSettings
from monitor.dossier.acts import assign, must_answer
from monitor.dossier.order_acts import ask_extension, decide_extension, feed_back
from monitor.drafting.model import DraftKind, Opinion, Step, Wording
from monitor.items.tips import Tip, TipChannel
from monitor.orders.model import Order, OrderState, SignMeans
from tests.journey.sources import sources_file
from tests.support.clock import SimulatedClock
from tests.support.county import OFFICE, County, county
from tests.support.mail import MailServer
from tests.support.vendors import VendorServer

BUREAU = "emergency_bureau"
PUBLIC = "https://desk.example.gov.cn"
WITH_A_BUREAU = (
    OFFICE.replace(
        "channels:\n", "channels:\n  bureau-email: {kind: email, address: bureau@example.gov.cn}\n", 1
    )
    + f"public_url: {PUBLIC}\n"
    + f"departments: {{{BUREAU}: {{name: 县应急管理局, channels: [bureau-email]}}}}\n"
    + "settings: {order_unsigned_after: 30m, order_feedback_within: 24h}\n"
)


@asynccontextmanager
async def served(town: County) -> AsyncIterator[str]:
    """Serve the county's desk on a free port of loopback until the block ends."""
    app = build_desk(
        store=town.store,
        acts=town.parts.acts,
        office=town.parts.files.office,
        sources=town.parts.files.sources,
        clock=town.clock,
        settings=DeskSettings(secret=town.parts.secret, version="0.1.0"),
        hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1),
    )
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = desk_server(app, host="127.0.0.1", port=0)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(server.serve(sockets=[listening]))
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
            server.should_exit = True


def slip(town: County, order_id: str = "1-o1") -> Order:
    with town.store.reading() as transaction:
        return transaction.order(order_id).order


def told(town: County, reason: str) -> list[str]:
    return [alert.to for alert in town.alerts() if alert.reason == reason]


async def opened(town: County) -> None:
    """Take down a complaint of many, whose 48 hours begin."""
    call = Tip(
        key="call",
        channel=TipChannel.PHONE,
        title="柯街镇多户村民反映停水三天",
        text="全村停水三天，无人来修。",
        place="柯街镇",
        called_at=town.clock.now(),
        contact="",
    )
    item_id, _ = town.parts.acts.register(call, by="duty", via="desk")
    with town.store.reading() as transaction:
        known = transaction.incident_of_items([item_id])
    if not known:
        town.parts.acts.open_with_tip(item_id, must_answer("多户停水"), by="duty", via="desk")
    await town.step()


async def assigned(town: County, mail: MailServer) -> str:
    """Hand a complaint of many to the bureau; return the path of the link in the bureau's mail."""
    await opened(town)
    town.parts.acts.do(1, assign(BUREAU, "抢修并说明原因"), by="duty", via="desk")
    await town.live(timedelta(minutes=2))
    letter = next(m for m in mail.mails if m["To"] == "bureau@example.gov.cn")
    text = str(letter.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    assert "交办单 交办〔2026〕1号，要求：抢修并说明原因" in text
    [path] = re.findall(rf"打开公文：{PUBLIC}(/orders/\S+)", text)
    return str(path)


async def send(address: str, **form: str) -> None:
    """Send a form of the page behind a link, after looking at the page."""
    async with aiohttp.ClientSession() as browser:
        async with browser.get(address) as answer:
            assert answer.status == 200
        async with browser.post(address, data=form) as answer:
            assert answer.status == 200


@pytest.fixture
async def town(
    tmp_path: Path, database_url: str, clock: SimulatedClock, bot: VendorServer, mail: MailServer
) -> AsyncIterator[County]:
    sources = sources_file()
    wecom = bot.address
    async with county(
        tmp_path, database_url, sources, clock=clock, mail=mail, wecom=wecom, office=WITH_A_BUREAU
    ) as made:
        yield made


async def test_a_slip_is_signed_by_link_extended_and_answered(town: County, mail: MailServer) -> None:
    path = await assigned(town, mail)
    async with served(town) as address:
        assert slip(town).state is OrderState.ISSUED
        await send(address + path, act="sign_order", signer="杨师傅")
        signed = slip(town).signed
        assert signed is not None
        assert (signed.signer, signed.means) == ("杨师傅", SignMeans.LINK)

        await town.live(timedelta(hours=20))
        assert told(town, "order_unsigned") == []
        due = town.clock.now() + timedelta(hours=12)
        for act, by in (
            (ask_extension("1-o1", due, "水管要从市里调"), BUREAU),
            (decide_extension("1-o2", granted=True), "office_head"),
        ):
            town.parts.acts.do(1, act, by=by, via="desk")
        await town.live(timedelta(hours=10))
        assert told(town, "feedback_overdue") == []

        await town.live(timedelta(hours=5))
        assert sorted(told(town, "feedback_overdue")) == ["duty", BUREAU]
        await send(address + path, act="feed_back", text="已恢复供水")
        await town.live(timedelta(hours=25))
    assert slip(town).is_answered_late
    assert sorted(told(town, "feedback_overdue")) == ["duty", BUREAU]
    assert told(town, "order_answered") == ["duty"]
    assert town.faults() == ()


async def test_a_missed_feedback_is_told_once_a_day_and_its_message_dropped_once_it_is_answered(
    town: County,
) -> None:
    await opened(town)
    town.parts.acts.do(1, assign(BUREAU), by="duty", via="desk")
    await town.live(timedelta(minutes=40))
    assert told(town, "order_unsigned") == ["duty"]
    await town.live(timedelta(hours=24))
    assert sorted(told(town, "feedback_overdue")) == ["duty", BUREAU]
    town.clock.advance(timedelta(hours=24))
    town.engine.note_idle(town.clock.now())
    town.engine.tick(town.clock.now())
    assert sorted(told(town, "feedback_overdue")) == ["duty", "duty", BUREAU, BUREAU]
    town.parts.acts.do(1, feed_back("1-o1", "已恢复供水"), by=BUREAU, via="desk")
    await town.live(timedelta(minutes=5))
    last = [a.state for a in town.alerts() if a.reason == "feedback_overdue"][-2:]
    assert last == ["cancelled", "cancelled"]
    assert town.faults() == ()


async def test_a_draft_that_was_signed_before_its_message_left_asks_nobody_any_more(town: County) -> None:
    await opened(town)
    wording = Wording(kind=DraftKind.RESPONSE, title="情况说明", text="已恢复供水。")
    acts = town.parts.acts
    acts.write_draft(1, wording, number=None, base=0, by=BUREAU, via="desk")
    for step in (Step.FIRST_REVIEW, Step.FIRST_PROOF):
        agreed = Opinion.AGREE
        acts.sign_draft(1, 1, version=1, step=step, opinion=agreed, reason="", by="duty", via="desk")
    await town.live(timedelta(minutes=3))
    found = [(a.to, a.state, a.codes["steps"]) for a in town.alerts() if a.reason == "draft_to_review"]
    assert sorted(found) == [
        ("duty", "cancelled", ["first_review"]),
        ("office_head", "sent", ["second_review"]),
        ("office_head", "sent", ["secrecy_review"]),
    ]
