"""An assignment becomes a slip that a department signs by the link in its mail, extends and answers."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import aiohttp
from argon2 import PasswordHasher

from monitor.desk.app import build_desk, desk_server
from monitor.desk.context import DeskSettings
from monitor.dossier.acts import assign, must_answer
from monitor.dossier.order_acts import ask_extension, decide_extension, feed_back
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


async def test_a_slip_is_signed_by_link_extended_and_answered(
    tmp_path: Path, database_url: str, clock: SimulatedClock, bot: VendorServer, mail: MailServer
) -> None:
    async with (
        county(
            tmp_path,
            database_url,
            sources_file(),
            clock=clock,
            mail=mail,
            wecom=bot.address,
            office=WITH_A_BUREAU,
        ) as town,
        served(town) as address,
        aiohttp.ClientSession() as browser,
    ):
        await opened(town)
        acts = town.parts.acts
        acts.do(1, assign(BUREAU, "抢修并说明原因"), by="duty", via="desk")
        await town.live(timedelta(minutes=2))
        letter = next(m for m in mail.mails if m["To"] == "bureau@example.gov.cn")
        text = str(letter.get_body(("plain",)).get_content())  # type: ignore[union-attr]
        assert "交办单 交办〔2026〕1号，要求：抢修并说明原因" in text
        [path] = re.findall(rf"{PUBLIC}(/orders/\S+)", text)

        async with browser.get(address + path) as answer:
            assert answer.status == 200
        assert slip(town).state is OrderState.ISSUED
        async with browser.post(address + path, data={"act": "sign_order", "signer": "杨师傅"}) as answer:
            assert answer.status == 200
        signed = slip(town).signed
        assert signed is not None
        assert (signed.signer, signed.means) == ("杨师傅", SignMeans.LINK)

        await town.live(timedelta(hours=20))
        assert told(town, "order_unsigned") == []
        due = clock.now() + timedelta(hours=12)
        acts.do(1, ask_extension("1-o1", due, "水管要从市里调"), by=BUREAU, via="desk")
        acts.do(1, decide_extension("1-o2", granted=True), by="office_head", via="desk")
        await town.live(timedelta(hours=10))
        assert told(town, "feedback_overdue") == []

        await town.live(timedelta(hours=5))
        assert sorted(told(town, "feedback_overdue")) == ["duty", BUREAU]
        async with browser.post(address + path, data={"act": "feed_back", "text": "已恢复供水"}) as answer:
            assert answer.status == 200
        await town.live(timedelta(hours=25))
        assert slip(town).is_answered_late
        assert sorted(told(town, "feedback_overdue")) == ["duty", BUREAU]
        assert told(town, "order_answered") == ["duty"]
        assert town.faults() == ()


async def test_a_missed_feedback_is_told_once_a_day_and_its_message_dropped_once_it_is_answered(
    tmp_path: Path, database_url: str, clock: SimulatedClock, bot: VendorServer, mail: MailServer
) -> None:
    async with county(
        tmp_path,
        database_url,
        sources_file(),
        clock=clock,
        mail=mail,
        wecom=bot.address,
        office=WITH_A_BUREAU,
    ) as town:
        await opened(town)
        town.parts.acts.do(1, assign(BUREAU), by="duty", via="desk")
        await town.live(timedelta(minutes=40))
        assert told(town, "order_unsigned") == ["duty"]
        await town.live(timedelta(hours=24))
        assert sorted(told(town, "feedback_overdue")) == ["duty", BUREAU]
        clock.advance(timedelta(hours=24))
        town.engine.note_idle(clock.now())
        town.engine.tick(clock.now())
        assert sorted(told(town, "feedback_overdue")) == ["duty", "duty", BUREAU, BUREAU]
        town.parts.acts.do(1, feed_back("1-o1", "已恢复供水"), by=BUREAU, via="desk")
        await town.live(timedelta(minutes=5))
        last = [a.state for a in town.alerts() if a.reason == "feedback_overdue"][-2:]
        assert last == ["cancelled", "cancelled"]
        assert town.faults() == ()
