"""A call taken down by hand becomes a delivered alert, and says to nobody who called."""

from datetime import timedelta
from pathlib import Path

from monitor.items.tips import Tip, TipChannel
from tests.journey.sources import sources_file
from tests.support.clock import SimulatedClock
from tests.support.county import county
from tests.support.mail import MailServer
from tests.support.vendors import VendorServer

CALLER = "13912345678"


async def test_a_call_is_told_like_every_other_report_and_the_caller_to_nobody(
    tmp_path: Path, database_url: str, clock: SimulatedClock, bot: VendorServer, mail: MailServer
) -> None:
    call = Tip(
        key="call of the morning",
        channel=TipChannel.PHONE,
        title=f"在建厂房坍塌致10人死亡，回电{CALLER}",
        text=f"工友来电：还有4人受伤，正在送医，可打{CALLER}找他。",
        place="柯街镇",
        called_at=clock.now() - timedelta(minutes=3),
        contact=f"李师傅 {CALLER}",
    )
    async with county(
        tmp_path, database_url, sources_file(), clock=clock, mail=mail, wecom=bot.address
    ) as town:
        item_id, _ = town.parts.acts.register(call, by="duty", via="desk")
        await town.step()
        assert town.told() == [
            ("duty", "detected", "duty-wecom", "sent"),
            ("office_head", "detected", "head-email", "sent"),
        ]
        [page] = bot.seen
        await town.live(timedelta(hours=25))
        with town.store.reading() as transaction:
            assert transaction.tip(item_id).contact == call.contact
        assert "柯街镇" in page["text"]["content"]
        said = [str(seen) for seen in bot.seen] + [sent.as_string() for sent in mail.mails]
        said += [str(sent.get_body(("plain",)).get_content()) for sent in mail.mails]  # type: ignore[union-attr]
        assert [words for words in said if CALLER in words or "李师傅" in words] == []
        assert town.faults() == ()
